// Package istiod runs Istio's own discovery server in this process, on the objects of a case and its translation.
package istiod

import (
	"fmt"
	"strings"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config/schema/collections"
	kubelib "istio.io/istio/pkg/kube"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	// Registers the check of EnvoyFilters with the schemas, as istiod's webhook does.
	_ "istio.io/istio/pkg/config/validation/envoyfilter"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Translation is a converter's output, ready to be loaded.
type Translation struct {
	Stream  string           // as the converter wrote it
	Configs []string         // Istio's own kinds, as YAML
	Objects []runtime.Object // all other kinds
	Ports   []int            // what the Gateways want to listen on
	Refused []string         // what Istio's admission webhook would have refused, and what is no known object
	Kinds   map[string]int   // number of objects by kind
}

// Read takes a stream of YAML documents apart.
func Read(stream string) (*Translation, error) {
	docs, err := casefile.Documents(stream)
	if err != nil {
		return nil, err
	}
	t := &Translation{Stream: stream, Kinds: map[string]int{}}
	for _, d := range docs {
		t.Kinds[d.Kind()]++
		t.listen(d)
		if !strings.Contains(d.Text("apiVersion"), "istio.io/") {
			t.readObject(d)
			continue
		}
		text, err := yaml.Marshal(d)
		if err != nil {
			return nil, err
		}
		if fault := refusal(string(text)); fault != "" {
			t.Refused = append(t.Refused, d.String()+": "+fault) // and, as in a cluster, it does not exist
			continue
		}
		t.Configs = append(t.Configs, string(text))
	}
	return t, nil
}

// listen notes the ports of a Gateway of either API.
func (t *Translation) listen(d casefile.Object) {
	if d.Kind() != "Gateway" {
		return
	}
	for _, s := range d.Items("spec", "servers") {
		t.addPort(s.At("port", "number"))
	}
	for _, l := range d.Items("spec", "listeners") {
		t.addPort(l.At("port"))
	}
}

func (t *Translation) addPort(v any) {
	n, ok := v.(float64) // numbers of a YAML document that went through JSON
	if !ok {
		return
	}
	for _, p := range t.Ports {
		if p == int(n) {
			return
		}
	}
	t.Ports = append(t.Ports, int(n))
}

func (t *Translation) readObject(d casefile.Object) {
	applyDefaults(d)
	text, err := yaml.Marshal(d)
	if err == nil {
		var o runtime.Object
		if o, _, err = kubelib.IstioCodec.UniversalDeserializer().Decode(text, nil, nil); err == nil {
			t.Objects = append(t.Objects, o)
			return
		}
	}
	t.Refused = append(t.Refused, fmt.Sprintf("%s: %v", d, err))
}

// refusal is what Istio's admission webhook would say; "" when it admits the object.
func refusal(text string) string {
	configs, _, err := crd.ParseInputs(text)
	if err != nil {
		return err.Error()
	}
	for _, c := range configs {
		schema, ok := collections.Pilot.FindByGroupVersionAliasesKind(c.GroupVersionKind)
		if !ok {
			return "unknown kind " + c.GroupVersionKind.String()
		}
		if _, err := schema.ValidateConfig(c); err != nil {
			return err.Error()
		}
	}
	return ""
}

// lastOfEach drops all but the last object of one kind, namespace and name: a translation may replace what was there.
func lastOfEach(objs []runtime.Object) []runtime.Object {
	at := map[string]int{}
	var out []runtime.Object
	for _, o := range objs {
		m, ok := o.(metav1.Object)
		if !ok {
			continue
		}
		key := fmt.Sprintf("%T %s/%s", o, m.GetNamespace(), m.GetName())
		if i, ok := at[key]; ok {
			out[i] = o
			continue
		}
		at[key] = len(out)
		out = append(out, o)
	}
	return out
}
