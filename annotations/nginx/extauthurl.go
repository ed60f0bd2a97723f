package nginx

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// queryHas tells whether a URL has a parameter with a value.
func queryHas(s, param string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Query().Get(param) != ""
}

// target fills the address of the service. Variables are possible where they have one value for the location: what is asked
// must not depend on the client otherwise.
func (a *authService) target(r *annotations.Route, x *model.ExternalAuth) error {
	consts := ofAuth(r)
	v, err := parseValue(a.url, func(variable string) (string, bool) {
		if variable == "http_host" || variable == "best_http_host" {
			variable = "host"
		}
		return consts(variable)
	})
	if err != nil {
		return err
	}
	text, ok := v.Literal()
	if !ok {
		return errors.New("the address of the service depends on the request")
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || (scheme != "http" && scheme != "https") {
		return fmt.Errorf("the scheme of %s is neither http nor https", annotations.Quote(text))
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	x.Scheme, x.Path = scheme, rest[end:]
	host, port, hasPort := strings.Cut(rest[:end], ":")
	x.Host = strings.ToLower(host)
	ip, err := netip.ParseAddr(x.Host)
	if err != nil && !validHost(x.Host) {
		return fmt.Errorf("%s is no host name", annotations.Quote(host))
	}
	if err == nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()) {
		return fmt.Errorf("%s is an address of the controller's own machine, which the gateway does not have", x.Host)
	}
	if !hasPort {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	if x.Port, err = strconv.Atoi(port); err != nil || x.Port < 1 || x.Port > 65535 {
		return fmt.Errorf("%s is no port", annotations.Quote(port))
	}
	switch {
	case x.Path == "":
		// nginx then sends the URI of its own hidden location.
		x.Path = "/_external-auth-" + base64.RawURLEncoding.EncodeToString([]byte(r.Path)) + "-" + r.PathType
	case x.Path[0] == '?':
		x.Path = "/" + x.Path
	}
	if strings.ContainsAny(x.Path, " \t\r\n") {
		return errors.New("the address of the service holds a space")
	}
	a.service(r, x)
	return nil
}

// service finds the Service of the cluster that the host names. A Service without the port answers nobody: the check then
// refuses everything, with 500 as on the controller.
func (a *authService) service(r *annotations.Route, x *model.ExternalAuth) {
	parts := strings.Split(strings.TrimSuffix(x.Host, "."), ".")
	if len(parts) < 3 || parts[2] != "svc" {
		return
	}
	b, res := r.Edge.Lookup.Backend(parts[1], parts[0], strconv.Itoa(x.Port))
	switch res {
	case annotations.NoService:
		r.Edge.Findings.Report(finding.ServiceMissing, a.origin, parts[1]+"/"+parts[0])
	case annotations.NoPort, annotations.NoPortName:
		r.Edge.Findings.Report(finding.RouteClosed, a.origin, "Service "+parts[1]+"/"+parts[0]+" has no port "+strconv.Itoa(x.Port)+" for the check", "500")
	}
	if b.Port == 0 {
		b.Port = int32(x.Port)
	}
	x.Backend = &b
}
