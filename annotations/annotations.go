// Package annotations says how an ingress controller's annotations are declared and read: a controller is an ordered list
// of features, each with its keys and the code that turns them into the route model.
package annotations

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Feature is a behaviour that annotations or controller settings switch on, with everything that is known about it.
type Feature struct {
	Name string // lower case with hyphens; also the folder of its cases in testdata
	Keys []Key
	// Settings are controller settings (ConfigMap keys) that are not the default of an annotation.
	Settings []Setting
	// Accept tells whether the controller serves the Ingress at all; it reports the reason if not. It runs when the
	// values of all keys were checked.
	Accept func(*Ingress) bool
	// The hooks fill the model. They run in this order, each for all features in list order.
	Route func(*Route) // once per location of a host
	Host  func(*Host)  // once per host, when all its routes are there
	Edge  func(*Edge)  // once, when all hosts are there
}

// Key is an annotation, declared with what is known about it.
type Key struct {
	Name    string // without the controller's prefix
	Syntax  string // for people: "true | false", "size n[k|m|g]", ...
	Default string // value that holds without annotation and setting
	Setting string // controller setting that replaces Default; "" none
	Scope   string // "location", "host", "upstream", "ingress"
	Risk    string // "Low", "Medium", "High", "Critical", as the controller declares it
	Protect bool   // it protects the route: losing it fails closed

	// Check refuses values that the controller refuses, and says why. nil accepts everything.
	Check func(value string) error
	// Invalid is what the controller does with a value that Check refuses.
	Invalid Consequence
	// Needs names the key without which this one is not read at all (and not checked).
	Needs string
	// Alias names another spelling of this key (declared as a key of its own), read when this one is absent or empty.
	Alias string

	Class finding.Class // what usually becomes of it
	Doc   string        // what the controller does with it
	Note  string        // what it becomes, and what differs
	// Since is set for historical keys: the release that stopped reading it.
	Since string
}

// Consequence is what a controller does with a value it does not accept.
type Consequence int

// The consequences.
const (
	UseDefault   Consequence = iota // the setting or default holds
	Ignore                          // as if the annotation were absent
	DropIngress                     // the whole Ingress is dropped
	CloseIngress                    // every location of the Ingress answers 503
	LoseAuth                        // external authentication is switched off silently: the translation closes the routes
)

// Setting is a controller setting: a key of its ConfigMap or a command-line flag.
type Setting struct {
	Name    string // without leading hyphens
	Flag    bool   // a command-line flag
	Syntax  string
	Default string
	Check   func(value string) error
	Class   finding.Class
	Doc     string
	Note    string
}

// Lookup finds the objects that annotations name. It never changes.
type Lookup interface {
	// ConfigMap gives the data of a ConfigMap, and whether it is in the input.
	ConfigMap(namespace, name string) (map[string]string, bool)
	// Secret gives a Secret's data, and whether it is in the input. Data is nil when the content is not known.
	Secret(namespace, name string) (data map[string][]byte, found bool)
	// HasSecrets tells whether the input says which Secrets exist at all.
	HasSecrets() bool
	// Backend resolves a Service port, given as number or name. It reports nothing.
	Backend(namespace, service, port string) (model.Backend, Resolution)
	// FirstPort is the first port of a Service as text, and whether the Service is in the input.
	FirstPort(namespace, service string) (string, bool)
}

// Resolution is the outcome of resolving a Service port.
type Resolution int

// The outcomes.
const (
	Resolved       Resolution = iota
	NoService                 // the Service is not in the input; a number is taken as it is
	NoPort                    // the Service lacks the port
	NoPortName                // a port name, and the Service is not in the input
	RefusedService            // an ExternalName the controller does not serve
)

// Options are the user's decisions that concern reading.
type Options struct {
	// Waived tells whether the user accepts the loss that a code stands for, for one object.
	Waived func(code finding.Code, o *finding.Object) bool
	// Authorizer tells that the platform checks password hashes that Envoy cannot check by a service of its own.
	Authorizer bool
	// SharedConnections tells that limits of connections become limits that all clients share.
	SharedConnections bool
	// CertManager tells that the target asks cert-manager for the certificates that it made for Ingresses.
	CertManager bool
}
