package store

import "math/bits"

// bitmap has a bit for each place.
type bitmap []uint64

func (b bitmap) has(place int32) bool {
	word := int(place) >> 6
	return word < len(b) && b[word]>>(place&63)&1 == 1
}

func (b *bitmap) set(place int32) {
	for int(place)>>6 >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[place>>6] |= 1 << (place & 63)
}

func (b bitmap) clear(place int32) {
	if word := int(place) >> 6; word < len(b) {
		b[word] &^= 1 << (place & 63)
	}
}

// and keeps what the other has, too.
func (b bitmap) and(other bitmap) {
	for i := range b {
		if i < len(other) {
			b[i] &= other[i]
		} else {
			b[i] = 0
		}
	}
}

func (b bitmap) count() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// each visits the places that are set.
func (b bitmap) each(visit func(place int32)) {
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			visit(int32(i<<6 + bits.TrailingZeros64(word)))
		}
	}
}
