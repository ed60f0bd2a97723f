package model

// TLS is the server side of a host's HTTPS.
type TLS struct {
	Secret      *SecretRef // nil: the default certificate
	MinVersion  string     // "TLSv1_2" ...; "" the target's default
	MaxVersion  string
	Ciphers     []string // names as the target's TLS library knows them; nil: default
	CiphersNone bool     // a list was given and nothing in it is usable: TLS 1.2 must be refused
	// Unfit is a Secret that does not cover the host: the default certificate serves, or this one where there is no default.
	Unfit  *SecretRef
	Origin Origin
	// Issuer holds the cert-manager annotations that made the certificate.
	Issuer map[string]string
}

// ClientCerts asks clients for certificates.
type ClientCerts struct {
	CA         *SecretRef
	Mode       ClientCertMode
	Depth      int    // intermediates allowed, not counting the trust anchor
	ErrorPage  string // URL for clients without a certificate
	MatchCN    string // RE2 that the subject's text must contain; see the source for its restrictions
	PassToUp   bool
	Origins    []Origin
	SelfStated bool
}

// ClientCertMode says what is asked for.
type ClientCertMode int

// The modes.
const (
	CertRequired   ClientCertMode = iota
	CertOptional                  // none is fine, a bad one is not
	CertUnverified                // any certificate or none
)

// Passthrough sends the raw TLS stream of a host to a backend.
type Passthrough struct {
	Backend Backend
	Origin  Origin
}

// Stream is a TCP or UDP port.
type Stream struct {
	Port      int
	UDP       bool
	Backend   Backend
	ProxyIn   bool // accepts the PROXY protocol
	ProxyOut  bool // sends it
	Origin    Origin
	TargetErr string
}
