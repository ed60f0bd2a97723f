package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
)

// constants give nginx variables that have one value wherever some text is read; nil for none.
type constants func(variable string) (value string, ok bool)

func (c constants) of(variable string) (string, bool) {
	if c == nil {
		return "", false
	}
	return c(variable)
}

// ofLocation are the variables that have one value for a whole location.
func ofLocation(r *annotations.Route) constants {
	return func(variable string) (string, bool) {
		switch variable {
		case "namespace":
			return r.Namespace, true
		case "ingress_name":
			return r.Name, true
		case "service_name":
			return r.Service, true
		case "service_port":
			return r.Port, true
		case "host", "server_name":
			return r.Host.Name, oneName(r.Host)
		}
		return "", false
	}
}

// ofHost are the variables that have one value for a whole host.
func ofHost(h *annotations.Host) constants {
	return func(variable string) (string, bool) {
		return h.Name, (variable == "host" || variable == "server_name") && oneName(h)
	}
}

// oneName tells whether a host has one name only.
func oneName(h *annotations.Host) bool { return h.Model.Exact() && len(h.Model.Aliases) == 0 }

// ofAuth are the variables that have one value where a location asks a service. The name of an exact host is that of its server.
func ofAuth(r *annotations.Route) constants {
	return func(variable string) (string, bool) {
		switch variable {
		case "namespace":
			return r.Namespace, true
		case "ingress_name":
			return r.Name, true
		case "service_name":
			return r.Service, true
		case "service_port":
			return r.Port, true
		case "location_path":
			return r.Path, true
		case "host", "server_name":
			return r.Host.Name, r.Host.Model.Exact() && !r.Has("server-alias")
		}
		return "", false
	}
}

// cutRef splits "namespace/name".
func cutRef(s string) (namespace, name string, ok bool) {
	namespace, name, ok = strings.Cut(s, "/")
	return namespace, name, ok && namespace != "" && name != "" && !strings.Contains(name, "/")
}
