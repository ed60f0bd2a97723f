package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
)

// constants are the nginx variables that have one value for a whole location.
func constants(r *annotations.Route) map[string]string {
	m := map[string]string{"namespace": r.Namespace, "ingress_name": r.Name}
	if r.Service != "" {
		m["service_name"], m["service_port"] = r.Service, r.Port
	}
	if r.Host.Model.Exact() && len(r.Host.Model.Aliases) == 0 {
		m["host"], m["server_name"] = r.Host.Name, r.Host.Name
	}
	return m
}

// cutRef splits "namespace/name".
func cutRef(s string) (namespace, name string, ok bool) {
	namespace, name, ok = strings.Cut(s, "/")
	return namespace, name, ok && namespace != "" && name != "" && !strings.Contains(name, "/")
}
