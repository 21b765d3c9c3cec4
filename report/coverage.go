package report

import "encoding/binary"

// coverage tells which characters a TrueType font has pictures for: those of its Unicode table of format 4, that is of the Basic
// Multilingual Plane. A font without such a table covers nothing. (OpenType specification, cmap.)
func coverage(font []byte) func(rune) bool {
	nothing := func(rune) bool { return false }
	u16 := func(b []byte, at int) int {
		if at+2 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[at:]))
	}
	u32 := func(b []byte, at int) int {
		if at+4 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint32(b[at:]))
	}
	var table []byte
	for i := range u16(font, 4) {
		if at := 12 + 16*i; at+16 <= len(font) && string(font[at:at+4]) == "cmap" {
			table = font[min(u32(font, at+8), len(font)):]
		}
	}
	for i := range u16(table, 2) {
		sub := table[min(u32(table, 4+8*i+4), len(table)):]
		if u16(sub, 0) != 4 {
			continue
		}
		segments := u16(sub, 6) / 2
		return func(c rune) bool {
			for s := range segments {
				end, start := u16(sub, 14+2*s), u16(sub, 16+2*segments+2*s)
				if int(c) > end {
					continue
				}
				if int(c) < start || end == 0xffff {
					return false
				}
				delta, at := u16(sub, 16+4*segments+2*s), 16+6*segments+2*s
				offset := u16(sub, at)
				if offset == 0 {
					return (int(c)+delta)&0xffff != 0
				}
				return u16(sub, at+offset+2*(int(c)-start)) != 0
			}
			return false
		}
	}
	return nothing
}
