package validate

import (
	"math"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) loadBalancer(p *at, s *istionet.LoadBalancerSettings) {
	if s == nil {
		return
	}
	place := p.field("loadBalancer")
	if h := s.GetConsistentHash(); h != nil {
		hash := place.field("consistentHash")
		c.consistentHash(&hash, h)
	}
	if s.LocalityLbSetting != nil && s.ZoneAwareLbSetting != nil {
		c.bad(&place, "", "localityLbSetting and zoneAwareLbSetting exclude each other")
	}
	c.locality(&place, s.LocalityLbSetting)
	if z := s.ZoneAwareLbSetting; z != nil && z.MinClusterSize != nil && z.MinClusterSize.GetValue() < 1 {
		c.bad(&place, "zoneAwareLbSetting.minClusterSize", "is less than 1")
	}
	if w := s.Warmup; w != nil {
		if w.Duration == nil {
			c.bad(&place, "warmup.duration", "is required")
		}
		if n := w.MinimumPercent.GetValue(); n < 0 || n > 100 {
			c.bad(&place, "warmup.minimumPercent", "%v is not from 0 to 100", n)
		}
		if w.Aggression != nil && w.Aggression.GetValue() <= 0 {
			c.bad(&place, "warmup.aggression", "is not above 0")
		}
	}
}

// maxTable is Envoy's limit for a Maglev table.
const maxTable = 5000011

func (c *check) consistentHash(p *at, h *istionet.LoadBalancerSettings_ConsistentHashLB) {
	switch k := h.HashKey.(type) {
	case *istionet.LoadBalancerSettings_ConsistentHashLB_HttpHeaderName:
		if !isToken(strings.TrimPrefix(k.HttpHeaderName, ":")) {
			c.bad(p, "httpHeaderName", "%s is not a header", quote(k.HttpHeaderName))
		}
	case *istionet.LoadBalancerSettings_ConsistentHashLB_HttpQueryParameterName:
		if k.HttpQueryParameterName == "" {
			c.bad(p, "httpQueryParameterName", "is empty")
		}
	case *istionet.LoadBalancerSettings_ConsistentHashLB_HttpCookie:
		c.hashCookie(p, k.HttpCookie)
	case *istionet.LoadBalancerSettings_ConsistentHashLB_UseSourceIp:
	default:
		c.bad(p, "", "hashes nothing")
	}
	if h.MinimumRingSize != 0 && h.HashAlgorithm != nil { //nolint:staticcheck // still accepted by Istio
		c.bad(p, "minimumRingSize", "excludes ringHash and maglev")
	}
	if m := h.GetMaglev(); m != nil {
		switch n := m.TableSize; {
		case n == 0 || n >= maxTable:
			c.bad(p, "maglev.tableSize", "%d is not from 1 to %d", n, maxTable-1)
		case !isPrime(n):
			c.bad(p, "maglev.tableSize", "%d is not a prime number", n)
		}
	}
}

func (c *check) hashCookie(p *at, k *istionet.LoadBalancerSettings_ConsistentHashLB_HTTPCookie) {
	place := p.field("httpCookie")
	if !isToken(k.Name) {
		c.bad(&place, "name", "%s is not the name of a cookie", quote(k.Name))
	}
	if strings.ContainsAny(k.Path, ";\r\n\x00") {
		c.bad(&place, "path", "%s ends the attribute", quote(k.Path))
	}
	seen := make(map[string]bool, len(k.Attributes))
	list := place.field("attributes")
	for i, a := range k.Attributes {
		item := list.item(i)
		switch {
		case !isToken(a.Name):
			c.bad(&item, "name", "%s is not the name of an attribute", quote(a.Name))
		case seen[a.Name]:
			c.bad(&item, "name", "%s is given twice", a.Name)
		}
		seen[a.Name] = true
		if strings.ContainsAny(a.Value, ";\r\n\x00") {
			c.bad(&item, "value", "%s ends the attribute", quote(a.Value))
		}
	}
}

func isPrime(n uint64) bool {
	if n < 4 || n%2 == 0 {
		return n == 2 || n == 3
	}
	for f := uint64(3); f <= uint64(math.Sqrt(float64(n))); f += 2 {
		if n%f == 0 {
			return false
		}
	}
	return true
}

// locality: weights and regions are nothing that a translation emits, so their rules are not repeated here.
func (c *check) locality(p *at, l *istionet.LocalityLoadBalancerSetting) {
	if len(l.GetDistribute())+len(l.GetFailover()) > 0 {
		c.bad(p, "localityLbSetting", "distribute and failover are not emitted by this program")
	}
}
