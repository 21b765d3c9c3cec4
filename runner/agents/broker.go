package agents

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/olorin-dev/olorin/data"
)

// Bounds of the graph of payments that is looked at for brokers. A larger one is not assessed: betweenness has no honest answer for a part of a graph.
const (
	maxTies   = 100_000
	maxPivots = 256
)

// brokersParam is what brokers found, as JSON: [{"account", "score", "median", "accounts"}].
const brokersParam = "brokers"

// broker is an account through which the shortest ways of the payments run.
type broker struct {
	Account  string  `json:"account"`
	Score    float64 `json:"score"`    // betweenness: pairs of accounts, each by the share of its shortest ways that run through
	Median   float64 `json:"median"`   // of the accounts that have any
	Accounts int     `json:"accounts"` // that have any
}

// brokers returns the betweenness of every account that has any, highest first, as JSON, or why there is none.
func brokers(ctx context.Context, c *data.Case) (found, reason string, err error) {
	type tie struct{ from, to string }
	var ties []tie
	const query = `SELECT DISTINCT subject AS a, counterparty_id AS b FROM flows WHERE subject IS NOT NULL AND counterparty_id IS NOT NULL AND subject != counterparty_id LIMIT $most::BIGINT`
	err = c.Query(ctx, query, map[string]any{"most": int64(maxTies + 1)}, func(m map[string]any) error {
		a, _ := m["a"].(string)
		b, _ := m["b"].(string)
		ties = append(ties, tie{a, b})
		return nil
	})
	if err != nil {
		return "", "", err
	}
	if len(ties) > maxTies {
		return "", fmt.Sprintf("the graph of payments has more than %s ties, which is more than can be looked at as a whole", asInt(maxTies)), nil
	}
	slices.SortFunc(ties, func(x, y tie) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to)) })
	numbers, names := map[string]int32{}, []string{}
	number := func(name string) int32 {
		n, ok := numbers[name]
		if !ok {
			n = int32(len(names))
			numbers[name] = n
			names = append(names, name)
		}
		return n
	}
	var edges [][]int32
	for _, t := range ties {
		from, to := number(t.from), number(t.to)
		for len(edges) < len(names) {
			edges = append(edges, nil)
		}
		edges[from] = append(edges[from], to)
	}
	scores, err := betweenness(ctx, edges, pivots(names))
	if err != nil {
		return "", "", err
	}
	list := []broker{}
	for i, score := range scores {
		if score > 0 {
			list = append(list, broker{Account: names[i], Score: sixth(score)})
		}
	}
	slices.SortFunc(list, func(x, y broker) int { return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Account, y.Account)) })
	for i := range list {
		list[i].Median, list[i].Accounts = list[len(list)/2].Score, len(list)
	}
	text, err := json.Marshal(list)
	return string(text), "", err
}

// pivots are the accounts from which ways are followed: all of them, or those with the smallest hashes, the same for every case.
func pivots(names []string) []int32 {
	all := make([]int32, len(names))
	hashes := make([]uint64, len(names))
	for i, name := range names {
		all[i] = int32(i)
		h := fnv.New64a()
		h.Write([]byte(name))
		hashes[i] = h.Sum64()
	}
	slices.SortFunc(all, func(x, y int32) int {
		return cmp.Or(cmp.Compare(hashes[x], hashes[y]), cmp.Compare(names[x], names[y]))
	})
	return all[:min(len(all), maxPivots)]
}

// betweenness counts, for each node, the pairs whose shortest ways run through it, by the share of those ways (Brandes 2001). Ways are
// followed from the sources alone, and the sums scaled as if from all (Brandes and Pich 2007).
func betweenness(ctx context.Context, edges [][]int32, sources []int32) ([]float64, error) {
	n := len(edges)
	scores := make([]float64, n)
	if len(sources) == 0 {
		return scores, nil
	}
	scale := float64(n) / float64(len(sources))
	ways, depth, share, order := make([]float64, n), make([]int32, n), make([]float64, n), make([]int32, 0, n)
	for _, source := range sources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range ways {
			ways[i], depth[i], share[i] = 0, -1, 0
		}
		ways[source], depth[source] = 1, 0
		order = append(order[:0], source)
		for at := 0; at < len(order); at++ {
			v := order[at]
			for _, w := range edges[v] {
				if depth[w] < 0 {
					depth[w] = depth[v] + 1
					order = append(order, w)
				}
				if depth[w] == depth[v]+1 {
					ways[w] += ways[v]
				}
			}
		}
		for i := len(order) - 1; i > 0; i-- {
			v := order[i]
			for _, w := range edges[v] {
				if depth[w] == depth[v]+1 {
					share[v] += ways[v] / ways[w] * (1 + share[w])
				}
			}
			scores[v] += share[v] * scale
		}
	}
	return scores, nil
}
