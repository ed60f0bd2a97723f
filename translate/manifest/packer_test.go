package manifest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	istionet "istio.io/api/networking/v1alpha3"
)

// A field that the API gains and the packer does not know would be lost silently.
func TestAPackerLosesNothing(t *testing.T) {
	p := NewPacker()
	for oneof := range 8 {
		want := &istionet.VirtualService{}
		full(want.ProtoReflect(), 2+oneof%4, oneof) // small ones and such as are compressed
		for range 2 {                               // the second time, parts are known
			got, ok := p.Pack(want).(Packed)
			if !ok {
				t.Fatal("not packed")
			}
			if d := cmp.Diff(proto.Message(want), got.Message(), protocmp.Transform()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if alone := Pack(want).(Packed); got.Size() != alone.Size() || got.HasZero() != alone.HasZero() {
				t.Errorf("size %d of %d, zero %v of %v", got.Size(), alone.Size(), got.HasZero(), alone.HasZero())
			}
		}
	}
}

func TestAPackerLeavesBrokenText(t *testing.T) {
	for name, vs := range map[string]*istionet.VirtualService{
		"a host":           {Hosts: []string{"a\xff"}},
		"a path":           {Http: []*istionet.HTTPRoute{{Match: []*istionet.HTTPMatchRequest{{Uri: &istionet.StringMatch{MatchType: &istionet.StringMatch_Exact{Exact: "/\xff"}}}}}}},
		"a header's value": {Http: []*istionet.HTTPRoute{{Headers: &istionet.Headers{Request: &istionet.Headers_HeaderOperations{Set: map[string]string{"a": "\xff"}}}}}},
		"a redirect":       {Http: []*istionet.HTTPRoute{{Redirect: &istionet.HTTPRedirect{Uri: "\xff"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPacker()
			for range 2 {
				if got := p.Pack(vs); got != any(vs) {
					t.Errorf("packed: %v", got)
				}
			}
		})
	}
}
