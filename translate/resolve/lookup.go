package resolve

import (
	"net"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Lookup finds what annotations and backends name in a snapshot.
type Lookup struct {
	Snapshot *snapshot.Snapshot
	// NoExternalName is the controller's flag --disable-svc-external-name.
	NoExternalName bool
}

var _ annotations.Lookup = Lookup{}

// ConfigMap implements annotations.Lookup.
func (l Lookup) ConfigMap(namespace, name string) (map[string]string, bool) {
	c, ok := l.Snapshot.ConfigMaps[snapshot.Key{Namespace: namespace, Name: name}]
	if !ok {
		return nil, false
	}
	return c.Data, true
}

// Secret implements annotations.Lookup.
func (l Lookup) Secret(namespace, name string) (map[string][]byte, bool) {
	s, ok := l.Snapshot.Secrets[snapshot.Key{Namespace: namespace, Name: name}]
	if !ok {
		return nil, false
	}
	return s.Data, true
}

// HasSecrets implements annotations.Lookup.
func (l Lookup) HasSecrets() bool { return l.Snapshot.HasSecrets }

// FirstPort implements annotations.Lookup.
func (l Lookup) FirstPort(namespace, service string) (string, bool) {
	s, ok := l.Snapshot.Services[snapshot.Key{Namespace: namespace, Name: service}]
	if !ok {
		return "", false
	}
	if len(s.Ports) == 0 {
		return "", true
	}
	return strconv.Itoa(int(s.Ports[0].Number)), true
}

// Backend implements annotations.Lookup as ingress-nginx resolves ports: the first port of the Service whose number,
// target port or name is the text.
func (l Lookup) Backend(namespace, service, port string) (model.Backend, annotations.Resolution) {
	b := model.Backend{Namespace: namespace, Service: service}
	n, err := strconv.ParseInt(port, 10, 32)
	if err == nil {
		b.Port = int32(n)
	}
	s, ok := l.Snapshot.Services[snapshot.Key{Namespace: namespace, Name: service}]
	if !ok {
		if err != nil {
			return b, annotations.NoPortName
		}
		return b, annotations.NoService
	}
	b.ExternalName = s.ExternalName
	if s.ExternalName != "" && (l.NoExternalName || isLoopback(s.ExternalName)) {
		return b, annotations.RefusedService
	}
	for _, p := range s.Ports {
		if strconv.Itoa(int(p.Number)) == port || (p.TargetPort != "" && p.TargetPort == port) || (p.Name != "" && p.Name == port) {
			b.Port = p.Number
			return b, annotations.Resolved
		}
	}
	if s.ExternalName != "" && err == nil {
		b.External = true
		return b, annotations.Resolved
	}
	return b, annotations.NoPort
}

// isLoopback tells whether an external name points to the machine itself.
func isLoopback(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}
