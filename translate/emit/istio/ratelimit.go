package istio

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	xdscorev3 "github.com/cncf/xds/go/xds/core/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	commonlimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/common/ratelimit/v3"
	locallimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/local_ratelimit/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	metadatav3 "github.com/envoyproxy/go-control-plane/envoy/type/metadata/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterRateLimit = "i2g.ratelimit"

	limitHost    = "host"    // descriptor: the VirtualService of the route, which istiod writes into its metadata
	limitZone    = "zone"    // descriptor and route metadata: who shares a count
	limitClient  = "client"  // descriptor: the header that is counted by
	limitExempt  = "limited" // descriptor: the client is on no allow-list
	limitBuckets = 100_000   // clients that are counted at a time, for each size of limit; the one seen least recently goes
)

// rateLimits collects the limits in use. Routes name the zone and the size of their limit in their metadata; the filter
// knows the sizes only, so that it grows with the number of different limits, not with that of the Ingresses, and a further
// Ingress does not start all counts anew.
type rateLimits struct {
	zones  limitZones
	sizes  map[limitSize]bool
	lists  map[string][]string // allow-lists by the name in limitSize
	status int
	header string
	origin model.Origin
}

// limitSize is a kind of bucket.
type limitSize struct {
	unit  string // rps or rpm
	wide  bool   // the zone is counted over all hosts
	list  string // name of an allow-list; "" none
	limit int
	burst int // multiplier
}

// key is the name of the metadata that a route with such a limit has.
func (s limitSize) key() string {
	k := s.unit
	if s.wide {
		k += "-wide"
	}
	if s.list != "" {
		k += "-" + s.list
	}
	return k
}

func (s limitSize) value() string { return strconv.Itoa(s.limit) + "x" + strconv.Itoa(s.burst) }

// rateLimit marks the routes of a rule with its limits. The zone is the Ingress's: its routes share one count.
func rateLimit(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	l := r.RateLimit
	if l == nil || !slices.ContainsFunc(xs, (*entry).asksFirst) {
		return xs
	}
	for _, o := range l.Origins {
		switch {
		case e.opts.NoEnvoyFilter:
			e.withoutEnvoyFilter(o, "requests are not limited")
		case !e.can(31):
			e.findings.Report(finding.TooOld, o, keyName(o), "1.31", "requests are not limited")
		}
	}
	if e.opts.NoEnvoyFilter || !e.can(31) {
		return xs
	}
	zone, wide := e.limits.zones.of(h, r)
	sizes := e.limits.use(l, wide)
	key := []byte("limit " + zone)
	for _, s := range sizes {
		key = append(append(append(append(key, ' '), s.key()...), '-'), s.value()...)
	}
	for _, x := range xs {
		if x.asksFirst() {
			e.step(x, key, func() { x.limit(zone, wide, sizes) })
		}
	}
	if f, ok := r.Action.(model.Forward); ok && (f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS) {
		for _, o := range l.Origins {
			e.findings.Report(finding.CornerCase, o, cornerName(o), "gRPC clients get status 200 with grpc-status 14 when they are limited")
		}
	}
	return xs
}

// limit marks the routes of an entry.
func (x *entry) limit(zone string, wide bool, sizes []limitSize) {
	x.patch.metadata(limitZone, zone)
	for _, s := range sizes {
		x.patch.metadata(s.key(), s.value())
		x.patch.label(s.key() + "-" + s.value())
	}
	switch {
	case wide:
		x.patch.belong()
	case zone != firstZone:
		x.patch.label("zone-" + zone)
	}
}

// use notes the sizes of a limit.
func (u *rateLimits) use(l *model.RateLimit, wide bool) []limitSize {
	if u.sizes == nil {
		u.sizes, u.lists = map[limitSize]bool{}, map[string][]string{}
		u.status, u.header = l.Status, l.Header
		if len(l.Origins) > 0 {
			u.origin = l.Origins[0]
		}
	}
	list := ""
	if len(l.Exempt) > 0 {
		text := ""
		for _, c := range l.Exempt {
			text += c + ","
		}
		list = shortHash(text)
		u.lists[list] = l.Exempt
	}
	var out []limitSize
	if l.PerSecond > 0 {
		out = append(out, limitSize{"rps", wide, list, l.PerSecond, l.Burst})
	}
	if l.PerMinute > 0 {
		out = append(out, limitSize{"rpm", wide, list, l.PerMinute, l.Burst})
	}
	for _, s := range out {
		u.sizes[s] = true
	}
	return out
}

// rateLimitFilter inserts the filter. It is on for every route: routes without the metadata fall into a bucket that is never
// empty.
func rateLimitFilter(e *emitter) {
	u := &e.limits
	if len(u.sizes) == 0 {
		return
	}
	code := typev3.StatusCode(u.status)
	if _, known := typev3.StatusCode_name[int32(u.status)]; !known || u.status < 400 {
		code = typev3.StatusCode_ServiceUnavailable
		o := e.edge.Global.Origins["LimitStatus"]
		e.findings.Report(finding.CornerCase, o, cornerName(o), "Envoy cannot answer "+itoa(u.status)+"; limited requests get 503")
	}
	always := &corev3.RuntimeFractionalPercent{DefaultValue: &typev3.FractionalPercent{Numerator: 100}}
	c := &locallimitv3.LocalRateLimit{
		StatPrefix:                      "i2g_ratelimit",
		Status:                          &typev3.HttpStatus{Code: code},
		TokenBucket:                     bucket(math.MaxUint32, math.MaxUint32, time.Second),
		AlwaysConsumeDefaultTokenBucket: wrapperspb.Bool(false),
		FilterEnabled:                   always,
		FilterEnforced:                  always,
		MaxDynamicDescriptors:           wrapperspb.UInt32(limitBuckets),
	}
	keys := map[string]bool{}
	for _, s := range u.sorted() {
		c.Descriptors = append(c.Descriptors, u.descriptor(s))
		if !keys[s.key()] {
			keys[s.key()] = true
			c.RateLimits = append(c.RateLimits, u.actions(s))
		}
	}
	e.filters.use(httpFilter{name: filterRateLimit, object: objRateLimit, first: true, on: true, config: c})
}

func (u *rateLimits) sorted() []limitSize {
	out := make([]limitSize, 0, len(u.sizes))
	for s := range u.sizes {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b limitSize) int {
		return cmp.Or(cmp.Compare(a.key(), b.key()), cmp.Compare(a.limit, b.limit), cmp.Compare(a.burst, b.burst))
	})
	return out
}

// actions say what a request is counted under. One that lacks a part is not counted.
func (u *rateLimits) actions(s limitSize) *routev3.RateLimit {
	as := []*routev3.RateLimit_Action{routeMetadata(metadataNamespace, s.key(), s.key())}
	if !s.wide {
		host := routeMetadata("istio", "config", limitHost)
		host.GetMetadata().DefaultValue = "none" // stricter than none at all: then all hosts share a count
		as = append(as, host)
	}
	as = append(as, routeMetadata(metadataNamespace, limitZone, limitZone))
	if s.list != "" {
		as = append(as, &routev3.RateLimit_Action{ActionSpecifier: &routev3.RateLimit_Action_RemoteAddressMatch_{RemoteAddressMatch: &routev3.RateLimit_Action_RemoteAddressMatch{
			DescriptorKey: limitExempt, DescriptorValue: s.list,
			AddressMatcher: &matcherv3.AddressMatcher{Ranges: xdsRanges(u.lists[s.list]), InvertMatch: true},
		}}})
	}
	if u.header == "" {
		as = append(as, &routev3.RateLimit_Action{ActionSpecifier: &routev3.RateLimit_Action_RemoteAddress_{RemoteAddress: &routev3.RateLimit_Action_RemoteAddress{}}})
	} else {
		as = append(as, &routev3.RateLimit_Action{ActionSpecifier: &routev3.RateLimit_Action_RequestHeaders_{RequestHeaders: &routev3.RateLimit_Action_RequestHeaders{
			HeaderName: u.header, DescriptorKey: limitClient,
		}}})
	}
	return &routev3.RateLimit{Actions: as}
}

// routeMetadata counts by a value in the route's metadata.
func routeMetadata(namespace, key, descriptor string) *routev3.RateLimit_Action {
	return &routev3.RateLimit_Action{ActionSpecifier: &routev3.RateLimit_Action_Metadata{Metadata: &routev3.RateLimit_Action_MetaData{
		DescriptorKey: descriptor, Source: routev3.RateLimit_Action_MetaData_ROUTE_ENTRY,
		MetadataKey: &metadatav3.MetadataKey{Key: namespace, Path: []*metadatav3.MetadataKey_PathSegment{{
			Segment: &metadatav3.MetadataKey_PathSegment_Key{Key: key},
		}}},
	}}}
}

// descriptor is the bucket of one size: one for each host, zone and client, because those entries have no value here.
func (u *rateLimits) descriptor(s limitSize) *commonlimitv3.LocalRateLimitDescriptor {
	es := []*commonlimitv3.RateLimitDescriptor_Entry{{Key: s.key(), Value: s.value()}}
	if !s.wide {
		es = append(es, &commonlimitv3.RateLimitDescriptor_Entry{Key: limitHost})
	}
	es = append(es, &commonlimitv3.RateLimitDescriptor_Entry{Key: limitZone})
	if s.list != "" {
		es = append(es, &commonlimitv3.RateLimitDescriptor_Entry{Key: limitExempt, Value: s.list})
	}
	client := "remote_address"
	if u.header != "" {
		client = limitClient
	}
	es = append(es, &commonlimitv3.RateLimitDescriptor_Entry{Key: client})
	interval := time.Second
	if s.unit == "rpm" {
		interval = time.Minute
	}
	return &commonlimitv3.LocalRateLimitDescriptor{Entries: es, TokenBucket: bucket(int64(s.limit)*int64(s.burst)+1, int64(s.limit), interval)}
}

// bucket refills continuously. nginx serves a limit times its multiplier at once, and the request that comes first.
func bucket(most, fill int64, interval time.Duration) *typev3.TokenBucket {
	return &typev3.TokenBucket{
		MaxTokens: uint32(min(most, math.MaxUint32)), TokensPerFill: wrapperspb.UInt32(uint32(min(fill, math.MaxUint32))),
		FillInterval: durationpb.New(interval),
	}
}

func xdsRanges(list []string) []*xdscorev3.CidrRange {
	out := make([]*xdscorev3.CidrRange, len(list))
	for i, c := range cidrRanges(list) {
		out[i] = &xdscorev3.CidrRange{AddressPrefix: c.AddressPrefix, PrefixLen: c.PrefixLen}
	}
	return out
}
