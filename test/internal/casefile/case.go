// Package casefile reads conformance cases: data files that state what a client and a backend observe when
// ingress-nginx serves some Ingress objects.
package casefile

import (
	"strings"
)

// Case is one file.
type Case struct {
	Name        string     `yaml:"name"`
	Covers      []string   `yaml:"covers"`
	Origin      string     `yaml:"origin"`
	Equivalence string     `yaml:"equivalence"`
	Verified    string     `yaml:"verified"`
	Note        string     `yaml:"note"`
	Needs       []string   `yaml:"needs"`
	Controller  Controller `yaml:"controller"`
	PKI         PKI        `yaml:"pki"`
	Services    []Service  `yaml:"services"`
	Manifests   string     `yaml:"manifests"`
	Requests    []Request  `yaml:"requests"`

	// Path is the file that the case was read from.
	Path string `yaml:"-"`
}

// Equivalence values; the third form is approximate(reason).
const (
	equivalenceExact = "exact"
	equivalenceOnly  = "ingress-nginx-only"
	approximate      = "approximate("
)

// Exact tells whether a translation must satisfy every expectation as written.
func (c *Case) Exact() bool { return c.Equivalence == equivalenceExact }

// Approximate tells whether a translation may differ as the requests' alternatives say.
func (c *Case) Approximate() bool { return strings.HasPrefix(c.Equivalence, approximate) }

// SourceOnly tells whether the case describes something that no translation can carry over: it is not run, the report
// has to name it instead.
func (c *Case) SourceOnly() bool { return c.Equivalence == equivalenceOnly }

// Need tells whether the case asks for an ability of the runner.
func (c *Case) Need(ability string) bool {
	for _, n := range c.Needs {
		if n == ability {
			return true
		}
	}
	return false
}

// Controller holds the settings of the controller, where they are not the defaults.
type Controller struct {
	Config map[string]string `yaml:"config"`
	Flags  []string          `yaml:"flags"`
}

// PKI lists the keys and certificates to generate.
type PKI struct {
	CAs     []CA     `yaml:"cas"`
	Certs   []Cert   `yaml:"certs"`
	Secrets []Secret `yaml:"secrets"`
}

// CA is a certificate authority: a root, or an intermediate of its issuer.
type CA struct {
	Name       string `yaml:"name"`
	CommonName string `yaml:"commonName"`
	Issuer     string `yaml:"issuer"`
}

// Cert is a leaf certificate, of a CA or self-signed.
type Cert struct {
	Name       string   `yaml:"name"`
	CommonName string   `yaml:"commonName"`
	DNSNames   []string `yaml:"dnsNames"`
	CA         string   `yaml:"ca"`
}

// Secret is a Secret to fill from generated certificates.
type Secret struct {
	Secret string `yaml:"secret"`
	Cert   string `yaml:"cert"`
	CA     string `yaml:"ca"`
}

// Service is a backend that differs from the default echo backend.
type Service struct {
	Name         string    `yaml:"name"`
	Protocol     string    `yaml:"protocol"`
	Ports        []Port    `yaml:"ports"`
	Endpoints    Endpoints `yaml:"endpoints"`
	Cert         string    `yaml:"cert"`
	ClientCA     string    `yaml:"clientCA"`
	Respond      []Answer  `yaml:"respond"`
	Absent       bool      `yaml:"absent"`
	ExternalName string    `yaml:"externalName"`
	DNSNames     []string  `yaml:"dnsNames"` // further names that DNS has for it, as of a server outside of the cluster
}

// Port is a port of a Service; TargetPort is a number, a name or nil.
type Port struct {
	Name       string `yaml:"name"`
	Port       int    `yaml:"port"`
	TargetPort any    `yaml:"targetPort"`
}

// Endpoint is one process behind a Service.
type Endpoint struct {
	Status int  `yaml:"status"` // answers everything with this status
	Refuse bool `yaml:"refuse"` // refuses connections
	Drop   bool `yaml:"drop"`   // never completes a connection
}

// Answer is a fixed answer of a Service.
type Answer struct {
	When    When    `yaml:"when"`
	Status  int     `yaml:"status"`
	Headers Headers `yaml:"headers"`
	Body    string  `yaml:"body"`
	Delay   string  `yaml:"delay"`
}

// When selects requests; empty parts match all.
type When struct {
	Method  string            `yaml:"method"`
	Path    string            `yaml:"path"`
	Headers map[string]string `yaml:"headers"`
}
