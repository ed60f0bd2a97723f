package nginx

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Streams are TCP and UDP ports from the ConfigMaps that these flags name. A value is namespace/service:port, for TCP with
// :PROXY once to accept and twice to send the PROXY protocol.
var Streams = annotations.Feature{
	Name: "streams",
	Settings: []annotations.Setting{
		{Name: "tcp-services-configmap", Flag: true, Syntax: "namespace/name", Class: finding.Exact, Doc: "ConfigMap with TCP ports.", Note: "TCP servers of a Gateway and routes by port; the gateway's Service needs the ports"},
		{Name: "udp-services-configmap", Flag: true, Syntax: "namespace/name", Class: finding.Manual, Doc: "ConfigMap with UDP ports.", Note: "Istio gateways do not carry UDP; publish these Services by a load balancer of their own"},
		{Name: "proxy-stream-timeout", Syntax: "time", Default: "600s", Class: finding.Exact, Doc: "Idle time of a TCP connection.", Note: "idle time of the TCP ports' connections"},
		{Name: "proxy-stream-next-upstream", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Approximate, Doc: "Tries another endpoint when one does not answer.", Note: streamRetries},
		{Name: "proxy-stream-next-upstream-timeout", Syntax: "time", Default: "600s", Class: finding.Approximate, Doc: "Time within which further tries may begin.", Note: streamRetries},
		{Name: "proxy-stream-next-upstream-tries", Syntax: "integer", Default: "3", Check: integer, Class: finding.Approximate, Doc: "Endpoints that are tried.", Note: streamRetries},
		{Name: "proxy-stream-responses", Syntax: "integer", Default: "1", Check: integer, Class: finding.Manual, Doc: "Datagrams that answer one UDP request.", Note: "Istio gateways do not carry UDP"},
	},
	Edge: streams,
}

const streamRetries = "Envoy tries one endpoint for each TCP connection"

// streams fills Edge.Streams.
func streams(e *annotations.Edge) {
	idle, err := parseTime(e.SettingText("proxy-stream-timeout"))
	if err != nil {
		e.Findings.Report(finding.SettingInvalid, e.Settings.Origin("proxy-stream-timeout"), "proxy-stream-timeout", annotations.Quote(e.SettingText("proxy-stream-timeout")), err.Error())
	}
	before := len(e.Model.Streams)
	for _, flag := range []string{"tcp-services-configmap", "udp-services-configmap"} {
		for _, x := range streamEntries(e, flag) {
			s, why := stream(e, x)
			if why != "" {
				e.Findings.Add(finding.Finding{Code: finding.PortNotServed, Class: finding.Invalid, Origin: x.origin, Args: []string{x.port, "as before: " + why}})
				continue
			}
			s.IdleTimeout = idle
			e.Model.Streams = append(e.Model.Streams, s)
		}
	}
	slices.SortStableFunc(e.Model.Streams, func(a, b *model.Stream) int { return cmp.Compare(a.Port, b.Port) })
	if len(e.Model.Streams) > before {
		return
	}
	for _, name := range []string{"proxy-stream-timeout", "proxy-stream-next-upstream", "proxy-stream-next-upstream-timeout", "proxy-stream-next-upstream-tries", "proxy-stream-responses"} {
		if e.HasSetting(name) {
			e.Setting(finding.Noop, name, "there are no TCP or UDP ports")
		}
	}
}

// streamEntry is one entry of the ConfigMap that a flag names.
type streamEntry struct {
	port, to string
	udp      bool
	origin   finding.Origin
}

// streamEntries reads the ConfigMap that a flag names.
func streamEntries(e *annotations.Edge, flag string) []streamEntry {
	ref, ok := e.Settings.Flag(flag)
	if !ok {
		return nil
	}
	ns, name, ok := cutRef(ref)
	if !ok {
		e.Setting(finding.Noop, flag, annotations.Quote(ref)+" is not of the form namespace/name")
		return nil
	}
	data, found := e.Lookup.ConfigMap(ns, name)
	if !found {
		e.Setting(finding.Manual, flag, "ConfigMap "+ref+" is not in the input; add it")
		return nil
	}
	if len(data) == 0 {
		e.Setting(finding.Noop, flag, "ConfigMap "+ref+" names no ports")
	}
	var out []streamEntry
	for _, port := range sortedKeys(data) {
		// The field is more than the flag, because it is about one port.
		o := finding.Origin{Field: "--" + flag + " " + ref + " " + port}
		out = append(out, streamEntry{port: port, to: strings.TrimSpace(data[port]), udp: flag == "udp-services-configmap", origin: o})
	}
	return out
}

// stream reads an entry: namespace/service:port, for TCP with :PROXY once to accept and twice to send the PROXY protocol.
// The port of the Service is a number or a name, never that of its pods.
func stream(e *annotations.Edge, x streamEntry) (*model.Stream, string) {
	port, err := strconv.Atoi(x.port)
	parts := strings.Split(x.to, ":")
	switch {
	case err != nil || port < 1 || port > 65535:
		return nil, "it is no port number"
	case reservedPort(e, port):
		return nil, "the controller keeps it for itself"
	case len(parts) < 2:
		return nil, annotations.Quote(x.to) + " is not of the form namespace/service:port"
	}
	ns, service, ok := cutRef(parts[0])
	if !ok {
		return nil, annotations.Quote(parts[0]) + " is not of the form namespace/service"
	}
	s := &model.Stream{Port: port, UDP: x.udp, Origin: x.origin}
	if !x.udp {
		s.ProxyIn = len(parts) > 2 && strings.EqualFold(parts[2], "PROXY")
		s.ProxyOut = len(parts) == 4 && strings.EqualFold(parts[3], "PROXY")
	}
	b, res := e.Lookup.Backend(ns, service, parts[1])
	s.Backend = b
	number, err := strconv.Atoi(parts[1])
	switch {
	case res == annotations.NoService:
		e.Findings.Report(finding.ServiceMissing, x.origin, parts[0])
	case res == annotations.NoPortName:
		s.TargetErr = "the port name " + annotations.Quote(parts[1]) + " cannot be resolved: Service " + parts[0] + " is not in the input"
	case res != annotations.Resolved || b.External, err == nil && int(b.Port) != number:
		return nil, "Service " + parts[0] + " has no port " + annotations.Quote(parts[1])
	}
	return s, ""
}

// reservedPort tells whether the controller uses a port itself.
func reservedPort(e *annotations.Edge, port int) bool {
	for _, p := range []struct{ flag, standard string }{
		{"http-port", "80"}, {"https-port", "443"}, {"ssl-passthrough-proxy-port", "442"}, {"healthz-port", "10254"}, {"default-server-port", "8181"},
		{"profiler-port", "10245"}, {"status-port", "10246"}, {"stream-port", "10247"},
	} {
		v, ok := e.Settings.Flag(p.flag)
		if !ok {
			v = p.standard
		}
		if v == strconv.Itoa(port) {
			return true
		}
	}
	return false
}
