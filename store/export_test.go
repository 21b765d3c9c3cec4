package store

// usualStride is for benchmarks: tests take steps so short that small lists too are looked for in either way.
var usualStride = stride

func init() { stride = 40 }
