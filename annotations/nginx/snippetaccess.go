package nginx

import "net/netip"

// addressSets turns lines of allow and deny, of which the first that fits decides, into sets: who may not pass, or who alone
// may. before are networks that were refused already. nobody tells that no address may pass.
func addressSets(before []string, lines []accessStatement) (allow, deny []string, nobody bool) {
	var allowed, denied []netip.Prefix
	for _, s := range before {
		if p, err := netip.ParsePrefix(s); err == nil {
			denied = append(denied, p)
		}
	}
	refusesRest := false
	for _, l := range lines {
		if l.cidr == "" {
			refusesRest = l.deny
			break
		}
		p, err := netip.ParsePrefix(l.cidr)
		if err != nil {
			continue
		}
		rest := remaining(remaining([]netip.Prefix{p}, allowed), denied)
		if l.deny {
			denied = append(denied, rest...)
		} else {
			allowed = append(allowed, rest...)
		}
	}
	if !refusesRest {
		return nil, texts(denied), false
	}
	return texts(allowed), nil, len(allowed) == 0
}

// remaining takes networks out of networks.
func remaining(from, gone []netip.Prefix) []netip.Prefix {
	for _, g := range gone {
		var left []netip.Prefix
		for _, f := range from {
			left = append(left, cut(f, g)...)
		}
		from = left
	}
	return from
}

// cut is what a network leaves of another one.
func cut(f, gone netip.Prefix) []netip.Prefix {
	switch {
	case !f.Overlaps(gone):
		return []netip.Prefix{f}
	case gone.Bits() <= f.Bits():
		return nil
	}
	low := netip.PrefixFrom(f.Addr(), f.Bits()+1)
	bytes := f.Addr().AsSlice()
	bytes[f.Bits()/8] |= 0x80 >> (f.Bits() % 8)
	second, _ := netip.AddrFromSlice(bytes)
	high := netip.PrefixFrom(second, f.Bits()+1)
	return append(cut(low, gone), cut(high, gone)...)
}

func texts(ps []netip.Prefix) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return out
}
