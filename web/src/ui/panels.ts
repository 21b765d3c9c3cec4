export { Checkbox, Menu, Popover } from "@mantine/core";
