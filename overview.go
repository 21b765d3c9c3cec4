package olorin

// Overview tells what the investigated entities look like in the data, what they share, and where their rows took place.
// All is counted over the rows of the case: those that match an entity within the time range.
type Overview struct {
	Entities  []EntityProfile `json:"entities" doc:"In the order of the settings."`
	Shared    []SharedValue   `json:"shared" doc:"Identifiers that rows of two of the entities have in common, the rarest first; at most 500."`
	Points    []Place         `json:"points" doc:"Where rows took place, by coordinates to a tenth of a degree; at most 500, the most rows first."`
	Countries []CountryCount  `json:"countries" doc:"The countries that rows name, the most rows first."`
	Columns   []string        `json:"columns" doc:"The columns of place that the file has: of latitude, longitude and the countries. None: there is nothing to draw."`
}

// EntityProfile is one entity by the numbers of its rows. A number whose column the file does not have is null.
type EntityProfile struct {
	Type     EntityType       `json:"type"`
	Value    string           `json:"value"`
	Rows     int64            `json:"rows"`
	RowsHead []int64          `json:"rows_head" doc:"Numbers of its first rows."`
	FirstAt  *Time            `json:"first_at"`
	LastAt   *Time            `json:"last_at"`
	Amount   *float64         `json:"amount_total" doc:"Null also where the amounts are of several currencies, which do not add up."`
	Largest  *float64         `json:"amount_largest" doc:"Null as amount_total is."`
	Currency []string         `json:"currencies" doc:"Those of the amounts, in order; none where the file names none."`
	Refused  *int64           `json:"refused" doc:"Rows whose status says that it failed."`
	Distinct map[string]int64 `json:"distinct" doc:"How many values each identifier has in its rows, by column."`
}

// SharedValue is one identifier that rows of two entities have in common. Entities are numbered from 0 in the order of the settings.
type SharedValue struct {
	A        int     `json:"a"`
	B        int     `json:"b"`
	Column   string  `json:"column"`
	Value    string  `json:"value"`
	RowsA    []int64 `json:"rows_a" doc:"Numbers of the first rows of A that have it."`
	RowsB    []int64 `json:"rows_b"`
	CountA   int64   `json:"count_a"`
	CountB   int64   `json:"count_b"`
	Accounts int64   `json:"accounts" doc:"How many accounts of the file, up to the end of the time range, have it: the fewer, the more it says."`
}

// Place is where rows took place.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	City      string  `json:"city,omitempty"`
	Country   string  `json:"country,omitempty"`
	Entities  []int   `json:"entities" doc:"Whose rows: numbers of entities."`
	Count     int64   `json:"count"`
	Rows      []int64 `json:"rows" doc:"The first of them."`
}

// CountryCount is how many rows name a country in a column.
type CountryCount struct {
	Column  string  `json:"column"`
	Country string  `json:"country"`
	Count   int64   `json:"count"`
	Rows    []int64 `json:"rows"`
}
