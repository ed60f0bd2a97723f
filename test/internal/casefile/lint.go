package casefile

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The abilities that a case may ask for.
var abilities = []string{
	"endpoints", "sourceIP", "cookies", "slow", "clientCert", "auth-service", "mirror", "dns", "websocket", "grpc",
	"ssl-passthrough", "tcp", "fastcgi", "modsecurity", "digest",
}

var (
	nameForm        = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	objectForm      = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	coverForm       = regexp.MustCompile(`^(nginx\.ingress\.kubernetes\.io/[a-z0-9-]+|(spec|configmap|flag)/[A-Za-z0-9-]+)$`)
	equivalenceForm = regexp.MustCompile(`^(exact|ingress-nginx-only|approximate\(.+\))$`)
	durationForm    = regexp.MustCompile(`^[0-9]+(ms|s)$`)
	headerForm      = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	methodForm      = regexp.MustCompile(`^[A-Z]+$`)
	loopbackForm    = regexp.MustCompile(`^127(\.\d{1,3}){3}$`)
)

// linter collects the faults of one case.
type linter struct {
	c        *Case
	faults   []string
	backends map[string]bool
	cas      map[string]bool
	certs    map[string]bool
	used     map[string]bool // abilities that the requests need
}

func (l *linter) fault(format string, args ...any) {
	l.faults = append(l.faults, l.c.Name+": "+fmt.Sprintf(format, args...))
}

// Lint checks a case against the rules of the format and returns its faults.
func Lint(c *Case) []string {
	l := &linter{c: c, backends: map[string]bool{}, cas: map[string]bool{}, certs: map[string]bool{}, used: map[string]bool{}}
	l.head()
	l.manifests()
	l.pki()
	l.services()
	l.requests()
	for _, n := range []string{"clientCert", "cookies", "grpc", "sourceIP", "tcp", "websocket"} {
		if l.used[n] && !c.Need(n) {
			l.fault("needs lacks %s", n)
		}
	}
	return l.faults
}

func (l *linter) head() {
	c := l.c
	if !nameForm.MatchString(c.Name) {
		l.fault("name is not lower case with hyphens")
	}
	if c.Path != "" && filepath.Base(c.Path) != c.Name+".yaml" {
		l.fault("file name and name differ")
	}
	if len(c.Covers) == 0 {
		l.fault("covers nothing")
	}
	for _, x := range c.Covers {
		if !coverForm.MatchString(x) {
			l.fault("covers %q", x)
		}
	}
	if c.Origin == "" {
		l.fault("origin is missing")
	}
	if !equivalenceForm.MatchString(c.Equivalence) {
		l.fault("equivalence %q", c.Equivalence)
	}
	if c.Verified != "live" && c.Verified != "source" {
		l.fault("verified %q", c.Verified)
	}
	for _, n := range c.Needs {
		if !slices.Contains(abilities, n) {
			l.fault("needs %q", n)
		}
	}
	for _, f := range c.Controller.Flags {
		if !strings.HasPrefix(f, "--") {
			l.fault("flag %q", f)
		}
	}
}

func (l *linter) pki() {
	for _, a := range l.c.PKI.CAs {
		if a.Name == "" || a.CommonName == "" || a.Issuer != "" && !l.cas[a.Issuer] {
			l.fault("certificate authority %q: name, common name or issuer", a.Name)
		}
		l.cas[a.Name] = true
	}
	for _, x := range l.c.PKI.Certs {
		if x.Name == "" || x.CommonName == "" || x.CA != "" && !l.cas[x.CA] {
			l.fault("certificate %q: name, common name or authority", x.Name)
		}
		l.certs[x.Name] = true
	}
	for _, s := range l.c.PKI.Secrets {
		if !objectForm.MatchString(s.Secret) {
			l.fault("Secret %q", s.Secret)
		}
		if s.Cert == "" && s.CA == "" || s.Cert != "" && !l.certs[s.Cert] || s.CA != "" && !l.cas[s.CA] {
			l.fault("Secret %s refers to nothing", s.Secret)
		}
	}
}

func (l *linter) services() {
	backends, err := l.c.Backends()
	if err != nil {
		return // reported with the manifests
	}
	for _, s := range backends {
		if !objectForm.MatchString(s.Name) || l.backends[s.Name] {
			l.fault("Service %q: bad or repeated name", s.Name)
		}
		l.backends[s.Name] = true
		if !slices.Contains([]string{"", "http", "https", "grpc", "grpcs", "fcgi"}, s.Protocol) {
			l.fault("Service %s: protocol %q", s.Name, s.Protocol)
		}
		if s.Cert != "" && !l.certs[s.Cert] || s.ClientCA != "" && !l.cas[s.ClientCA] {
			l.fault("Service %s: unknown certificate or authority", s.Name)
		}
		for _, p := range s.Ports {
			if p.Name == "" || p.Port == 0 {
				l.fault("Service %s: port without name or number", s.Name)
			}
		}
		for _, a := range s.Respond {
			l.value("Service "+s.Name+": path", a.When.Path)
			l.values("Service "+s.Name, a.When.Headers)
			l.duration("Service "+s.Name, a.Delay)
		}
	}
}

// value checks the regular expression of a value that is one.
func (l *linter) value(what, v string) {
	if expr, ok := strings.CutPrefix(v, "~"); ok {
		if _, err := regexp.Compile(expr); err != nil {
			l.fault("%s: %v", what, err)
		}
	}
}

func (l *linter) values(what string, headers map[string]string) {
	for name, v := range headers {
		l.headerName(what, name)
		l.value(what+": header "+name, v)
	}
}

func (l *linter) headerName(what, name string) {
	if !headerForm.MatchString(name) {
		l.fault("%s: header name %q", what, name)
	}
}

func (l *linter) duration(what, d string) {
	if d != "" && !durationForm.MatchString(d) {
		l.fault("%s: duration %q", what, d)
	}
}
