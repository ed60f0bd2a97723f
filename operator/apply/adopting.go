package apply

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What `convert` wrote serves all Ingresses that it read. Taken over for some of them, it would lose what the others need, which go on being
// served by what is there.

// uncovered names something of an object that the one in its place would not have; "" for nothing.
func uncovered(live, wanted *unstructured.Unstructured) string {
	has := map[string]bool{}
	for _, x := range serves(wanted) {
		has[x] = true
	}
	for _, x := range serves(live) {
		if !has[x] {
			return x
		}
	}
	return ""
}

// serves are the things of an object that others may need.
func serves(u *unstructured.Unstructured) (out []string) {
	switch u.GetKind() {
	case "Gateway":
		for _, s := range list(u.Object, "spec", "servers") {
			for _, x := range list(s, "hosts") {
				h, _ := x.(string)
				out = append(out, "host "+strings.ToLower(h[strings.IndexByte(h, '/')+1:]))
			}
		}
	case "VirtualService":
		for _, h := range hostsOf(u) {
			out = append(out, "host "+h)
		}
	case "EnvoyFilter":
		for _, p := range patchesOf(u) {
			if id := patched(p); id != "" {
				out = append(out, id)
			}
		}
	case "DestinationRule":
		for _, s := range list(u.Object, "spec", "subsets") {
			out = append(out, "subset "+text(s, "name"))
		}
	}
	return out
}
