package model

import "time"

// TLS is the certificate of a host.
type TLS struct {
	Secret *SecretRef // nil: the default certificate
	// Unfit is a Secret that does not cover the host: the default certificate serves, or this one where there is no default.
	Unfit  *SecretRef
	Absent bool // Unfit is not in the input at all
	Origin Origin
	// Issuer holds the cert-manager annotations that made the certificate, and Names what it was made for.
	Issuer map[string]string
	Names  []string
}

// Ciphers are the TLS 1.2 ciphers that clients may use.
type Ciphers struct {
	Names  []string // as the target's TLS library knows them
	None   bool     // a list was given and nothing in it is usable: TLS 1.2 must be refused
	Origin Origin
}

// ClientCerts asks clients for certificates.
type ClientCerts struct {
	CA   *SecretRef
	Mode ClientCertMode
	// Depth is the number of intermediates allowed, not counting the trust anchor.
	Depth int
	// Short tells that the CA itself admits no longer chains, by the path lengths in its certificates.
	Short     bool
	ErrorPage Value  // Location for clients without a certificate; nil: none
	MatchCN   string // pattern as written that must be found in the subject's text, RFC 2253; "" for none
	PassToUp  bool   // the certificate is sent to backends
	// Origin is that of what asks for certificates; the others are those of single settings.
	Origin, OriginDepth, OriginCN Origin
}

// ClientCertMode says what is asked for.
type ClientCertMode int

// The modes.
const (
	CertRequired   ClientCertMode = iota
	CertOptional                  // none is fine, a bad one is not
	CertUnverified                // any certificate or none
	CertIgnored                   // none is asked for; backends are told so
)

// Guarded tells whether the host asks clients for certificates.
func (h *Host) Guarded() bool { return h.ClientCerts != nil && h.ClientCerts.Mode != CertIgnored }

// Passthrough sends the raw TLS stream of a host to a backend.
type Passthrough struct {
	Backend *Backend // nil: nothing answers by TLS
	Origin  Origin
}

// Stream is a TCP or UDP port.
type Stream struct {
	Port     int
	UDP      bool
	Backend  Backend
	ProxyIn  bool // accepts the PROXY protocol
	ProxyOut bool // sends it
	// IdleTimeout ends a connection over which nothing is sent; 0: ten minutes.
	IdleTimeout time.Duration
	Origin      Origin
	TargetErr   string
}
