package full

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	istionet "istio.io/api/networking/v1alpha3"
	istiocfg "istio.io/api/networking/v1beta1"
	istiosec "istio.io/api/security/v1beta1"
	istiotel "istio.io/api/telemetry/v1alpha1"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// TestMain makes the random changes the same on every run, unless a seed is given.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("1"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// What the quick checker accepts, the schemas accept: tried on samples that were changed at random, as trees and as
// messages.
func TestFastAcceptsNothingThatTheSchemasRefuse(t *testing.T) {
	v, err := New()
	require.NoError(t, err)
	for i, s := range samples {
		t.Run(fmt.Sprintf("%s %d", s.kind, i), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				o := s.object(t)
				for range rapid.IntRange(1, 3).Draw(t, "changes") {
					o.Spec = change(t, o.Spec)
				}
				agree(t, v, o)
				if typed, ok := message(o); ok {
					agree(t, v, typed)
				}
			})
		})
	}
}

func agree(t *rapid.T, v *Validator, o *manifest.Object) {
	if len(fast(t, o)) > 0 {
		return
	}
	problems, err := v.Check([]*manifest.Object{o})
	require.NoError(t, err)
	if len(problems) > 0 {
		text, _ := manifest.YAML(o.Tree())
		t.Fatalf("Fast accepts what the schema refuses: %v\n%s", problems, text)
	}
}

// message is the same object with a typed specification, where the tree can be read as one; unknown fields get lost.
func message(o *manifest.Object) (*manifest.Object, bool) {
	spec := map[string]proto.Message{
		"Gateway": &istionet.Gateway{}, "VirtualService": &istionet.VirtualService{}, "DestinationRule": &istionet.DestinationRule{},
		"ServiceEntry": &istionet.ServiceEntry{}, "EnvoyFilter": &istionet.EnvoyFilter{}, "AuthorizationPolicy": &istiosec.AuthorizationPolicy{},
		"Telemetry": &istiotel.Telemetry{}, "ProxyConfig": &istiocfg.ProxyConfig{},
	}[o.Kind]
	text, err := manifest.JSON(o.Spec)
	if spec == nil || err != nil || (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, spec) != nil {
		return nil, false
	}
	typed := *o
	typed.Spec = spec
	return &typed, true
}

// values are what may stand in the place of another value.
var values = []any{
	"", "x", "a b", "*", "*.x", "a.test", "0s", "1s", "0.0001s", "1m", "UNSPECIFIED", "NONE", "DENY", "10.0.0.0/8", "unix:///a", "unix://a/",
	"a/b", strings.Repeat("x", 64), strings.Repeat("y", 400), int64(0), int64(1), int64(-1), int64(600), int64(70000), int64(1) << 40, 1.5, true, false, nil,
	manifest.Map{}, []any{}, []any{"x"}, []any{"x", "x"}, manifest.Map{{Key: "x", Value: "y"}}, manifest.Map{{Key: "", Value: "*"}},
}

// change makes one change somewhere in a tree.
func change(t *rapid.T, v any) any {
	switch v := v.(type) {
	case manifest.Map:
		if len(v) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "field")
			out := append(manifest.Map(nil), v...)
			out[i].Value = change(t, out[i].Value)
			return out
		}
		return changeMap(t, v)
	case []any:
		if len(v) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "item")
			out := append([]any(nil), v...)
			out[i] = change(t, out[i])
			return out
		}
		return changeList(t, v)
	}
	return rapid.SampledFrom(values).Draw(t, "value")
}

func changeMap(t *rapid.T, m manifest.Map) any {
	out := append(manifest.Map(nil), m...)
	switch rapid.IntRange(0, 3).Draw(t, "change of a mapping") {
	case 0:
		return append(out, manifest.Field{Key: "unheardOf", Value: "x"})
	case 1:
		if len(out) > 0 {
			i := rapid.IntRange(0, len(out)-1).Draw(t, "lost")
			return append(out[:i], out[i+1:]...)
		}
	case 2:
		if len(out) > 0 {
			i := rapid.IntRange(0, len(out)-1).Draw(t, "misspelt")
			out[i].Key += rapid.SampledFrom([]string{"s", " ", ".x", "_"}).Draw(t, "suffix")
			return out
		}
	}
	return rapid.SampledFrom(values).Draw(t, "instead of a mapping")
}

func changeList(t *rapid.T, list []any) any {
	out := append([]any(nil), list...)
	switch rapid.IntRange(0, 3).Draw(t, "change of a list") {
	case 0:
		return append(out, out...)
	case 1:
		if len(out) > 0 {
			return out[1:]
		}
	case 2:
		for range rapid.SampledFrom([]int{17, 257, 600}).Draw(t, "times") {
			out = append(out, fmt.Sprintf("x%d.test", len(out)))
		}
		return out
	}
	return rapid.SampledFrom(values).Draw(t, "instead of a list")
}
