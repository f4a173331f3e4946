package keys

import (
	"math/big"
	"sync"
)

// roca reports whether a modulus has the fingerprint of the flawed generator of CVE-2017-15361. Its
// primes are built so that modulo each of the first 126 primes (those that count from 1984 bits on)
// the modulus is a power of 65537. A sound one is that by chance once in 2^167.
func roca(n *big.Int) bool {
	var rest big.Int
	for _, g := range rocaGroups() {
		word := rest.Mod(n, g.product).Uint64()
		for i, p := range g.primes {
			if !g.powers[i][word%p] {
				return false
			}
		}
	}
	return true
}

// rocaGroup is a few primes, with the powers of 65537 modulo each. Their product fits into a word,
// so that one division of the modulus does for all of them; a sound one hardly ever needs a second.
type rocaGroup struct {
	primes  []uint64
	powers  [][]bool
	product *big.Int
}

// rocaGroups are the primes for which not every number is a power of 65537: the others tell nothing.
var rocaGroups = sync.OnceValue(func() []rocaGroup {
	const last = 701 // the 126th prime
	var groups []rocaGroup
	g := rocaGroup{product: big.NewInt(1)}
	for p := uint64(3); p <= last; p += 2 {
		if !new(big.Int).SetUint64(p).ProbablyPrime(0) { // exact below 2^64
			continue
		}
		powers, order := make([]bool, p), uint64(0)
		for x := uint64(1); !powers[x]; x = x * 65537 % p {
			powers[x] = true
			order++
		}
		if order == p-1 {
			continue
		}
		product := new(big.Int).Mul(g.product, new(big.Int).SetUint64(p))
		if !product.IsUint64() {
			groups = append(groups, g)
			g, product = rocaGroup{}, new(big.Int).SetUint64(p)
		}
		g.primes, g.powers, g.product = append(g.primes, p), append(g.powers, powers), product
	}
	return append(groups, g)
})
