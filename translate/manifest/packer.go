package manifest

import (
	"maps"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"
)

// Packer packs many messages. Most of what a fleet has are routes: their fields are written here one by one, which takes a
// third of the time, and parts that many routes share are packed once. Nothing that was packed may change.
type Packer struct {
	buf   []byte
	small []byte // for the compressed form
	parts map[proto.Message][]byte
	err   bool // text that is not UTF-8
}

// NewPacker makes a packer.
func NewPacker() *Packer { return &Packer{parts: map[proto.Message][]byte{}} }

// Pack is the function of that name.
func (p *Packer) Pack(v any) any {
	vs, ok := v.(*networking.VirtualService)
	if !ok || vs == nil {
		return Pack(v)
	}
	p.buf, p.err = p.buf[:0], false
	p.virtualService(vs)
	if p.err {
		return v
	}
	var out Packed
	out, p.small = Packed{of: vs.ProtoReflect().Type(), wire: p.buf}.compressed(p.small)
	return out
}

// The numbers below are those of the fields in Istio's API, which never change.

func (p *Packer) virtualService(v *networking.VirtualService) {
	p.texts(1, v.Hosts)
	p.texts(2, v.Gateways)
	for _, r := range v.Http {
		start := p.begin(3)
		p.route(r)
		p.end(start)
	}
	for _, r := range v.Tcp {
		p.message(4, r)
	}
	for _, r := range v.Tls {
		p.message(5, r)
	}
	p.texts(6, v.ExportTo)
}

func (p *Packer) route(r *networking.HTTPRoute) {
	if r == nil {
		return
	}
	for _, m := range r.Match {
		start := p.begin(1)
		p.match(m)
		p.end(start)
	}
	for _, d := range r.Route {
		start := p.begin(2)
		p.destination(1, d.GetDestination())
		p.number(2, uint64(int64(d.GetWeight())))
		if h := d.GetHeaders(); h != nil {
			p.part(7, h)
		}
		p.end(start)
	}
	if r.Redirect != nil {
		p.message(3, r.Redirect)
	}
	if r.Rewrite != nil {
		p.message(4, r.Rewrite)
	}
	if r.Timeout != nil {
		p.message(6, r.Timeout)
	}
	if r.Retries != nil {
		p.part(7, r.Retries)
	}
	if r.Fault != nil {
		p.part(8, r.Fault)
	}
	p.destination(9, r.Mirror)
	if r.CorsPolicy != nil {
		p.message(10, r.CorsPolicy)
	}
	if r.Headers != nil {
		p.part(16, r.Headers)
	}
	p.text(17, r.Name)
	if r.MirrorPercent != nil { //nolint:staticcheck // packed if set
		p.message(18, r.MirrorPercent) //nolint:staticcheck // packed if set
	}
	if r.MirrorPercentage != nil {
		p.message(19, r.MirrorPercentage)
	}
	if r.Delegate != nil {
		p.message(20, r.Delegate)
	}
	if r.DirectResponse != nil {
		p.message(21, r.DirectResponse)
	}
	for _, m := range r.Mirrors {
		p.message(22, m)
	}
}

func (p *Packer) match(m *networking.HTTPMatchRequest) {
	if m == nil {
		return
	}
	p.stringMatch(1, m.Uri)
	p.stringMatch(2, m.Scheme)
	p.stringMatch(3, m.Method)
	p.stringMatch(4, m.Authority)
	p.matches(5, m.Headers)
	p.number(6, uint64(m.Port))
	for _, k := range sortedKeys(m.SourceLabels) {
		start := p.begin(7)
		p.entryText(1, k)
		p.entryText(2, m.SourceLabels[k])
		p.end(start)
	}
	p.texts(8, m.Gateways)
	p.matches(9, m.QueryParams)
	if m.IgnoreUriCase {
		p.number(10, 1)
	}
	p.text(11, m.Name)
	p.matches(12, m.WithoutHeaders)
	p.text(13, m.SourceNamespace)
	p.text(14, m.StatPrefix)
}

func (p *Packer) matches(number protowire.Number, ms map[string]*networking.StringMatch) {
	for _, k := range sortedKeys(ms) {
		start := p.begin(number)
		p.entryText(1, k)
		if ms[k] == nil {
			p.end(p.begin(2))
		}
		p.stringMatch(2, ms[k])
		p.end(start)
	}
}

func (p *Packer) stringMatch(number protowire.Number, m *networking.StringMatch) {
	if m == nil {
		return
	}
	start := p.begin(number)
	switch t := m.MatchType.(type) { // set, it is written even if it is empty
	case *networking.StringMatch_Exact:
		p.entryText(1, t.Exact)
	case *networking.StringMatch_Prefix:
		p.entryText(2, t.Prefix)
	case *networking.StringMatch_Regex:
		p.entryText(3, t.Regex)
	}
	p.end(start)
}

func (p *Packer) destination(number protowire.Number, d *networking.Destination) {
	if d == nil {
		return
	}
	start := p.begin(number)
	p.text(1, d.Host)
	p.text(2, d.Subset)
	if d.Port != nil {
		port := p.begin(3)
		p.number(1, uint64(d.Port.Number))
		p.end(port)
	}
	p.end(start)
}

// begin starts a field that is a message, and leaves a byte for its length.
func (p *Packer) begin(number protowire.Number) int {
	p.buf = append(protowire.AppendTag(p.buf, number, protowire.BytesType), 0)
	return len(p.buf)
}

// end fills in the length.
func (p *Packer) end(start int) {
	n := len(p.buf) - start
	if n < 1<<7 {
		p.buf[start-1] = byte(n)
		return
	}
	more := protowire.SizeVarint(uint64(n)) - 1
	p.buf = append(p.buf, make([]byte, more)...)
	copy(p.buf[start+more:], p.buf[start:len(p.buf)-more])
	protowire.AppendVarint(p.buf[:start-1], uint64(n))
}

func (p *Packer) texts(number protowire.Number, all []string) {
	for _, s := range all {
		p.entryText(number, s)
	}
}

// text writes a text that is not empty, entryText any.
func (p *Packer) text(number protowire.Number, s string) {
	if s != "" {
		p.entryText(number, s)
	}
}

func (p *Packer) entryText(number protowire.Number, s string) {
	p.err = p.err || !utf8.ValidString(s)
	p.buf = protowire.AppendString(protowire.AppendTag(p.buf, number, protowire.BytesType), s)
}

func (p *Packer) number(number protowire.Number, v uint64) {
	if v != 0 {
		p.buf = protowire.AppendVarint(protowire.AppendTag(p.buf, number, protowire.VarintType), v)
	}
}

func (p *Packer) message(number protowire.Number, m proto.Message) {
	start := p.begin(number)
	out, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend(p.buf, m)
	p.buf, p.err = out, p.err || err != nil
	p.end(start)
}

// part is message for one that other routes have too.
func (p *Packer) part(number protowire.Number, m proto.Message) {
	wire, known := p.parts[m]
	if !known {
		start := len(p.buf)
		p.message(number, m)
		if !p.err {
			p.parts[m] = slices.Clone(p.buf[start:])
		}
		return
	}
	p.buf = append(p.buf, wire...)
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(keys)
	return keys
}
