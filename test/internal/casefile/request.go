package casefile

// Request is one step of a case: what to send, and what has to be observed.
type Request struct {
	Name       string   `yaml:"name"`
	Note       string   `yaml:"note"`
	Send       Send     `yaml:"send"`
	Expect     Expect   `yaml:"expect"`
	Translated []Expect `yaml:"translated"`

	// Accepted holds each alternative laid over Expect, key by key.
	Accepted []Expect `yaml:"-"`
}

// Send describes the request.
type Send struct {
	Scheme      string  `yaml:"scheme"`
	Port        int     `yaml:"port"`
	Method      string  `yaml:"method"`
	Host        string  `yaml:"host"`
	Path        string  `yaml:"path"`
	Headers     Headers `yaml:"headers"`
	Body        string  `yaml:"body"`
	BodyBytes   int     `yaml:"bodyBytes"`
	Chunked     bool    `yaml:"chunked"`
	HTTPVersion string  `yaml:"httpVersion"`
	SourceIP    string  `yaml:"sourceIP"`
	TLS         SendTLS `yaml:"tls"`
	Echo        *Echo   `yaml:"echo"`
	Jar         string  `yaml:"jar"`
	Repeat      int     `yaml:"repeat"`
	Concurrency int     `yaml:"concurrency"`
	Pause       string  `yaml:"pause"`
	WebSocket   string  `yaml:"webSocket"`
	GRPC        string  `yaml:"grpc"`
}

// SendTLS is the client's side of the handshake.
type SendTLS struct {
	SNI        *string  `yaml:"sni"`
	ALPN       []string `yaml:"alpn"`
	ClientCert string   `yaml:"clientCert"`
	MinVersion string   `yaml:"minVersion"`
	MaxVersion string   `yaml:"maxVersion"`
}

// Echo is what the echo backend is asked to answer; it travels as JSON in the header X-Echo.
type Echo struct {
	Status    int     `yaml:"status" json:"status,omitempty"`
	Delay     string  `yaml:"delay" json:"delay,omitempty"`
	Headers   Headers `yaml:"headers" json:"headers,omitempty"`
	Body      string  `yaml:"body" json:"body,omitempty"`
	BodyBytes int     `yaml:"bodyBytes" json:"bodyBytes,omitempty"`
}

// Expect is what has to be observed; zero fields are not checked.
type Expect struct {
	Status         Numbers               `yaml:"status"`
	Error          string                `yaml:"error"`
	Backend        string                `yaml:"backend"`
	Upstream       *Upstream             `yaml:"upstream"`
	Response       *Response             `yaml:"response"`
	AlsoSent       []AlsoSent            `yaml:"alsoSent"`
	NotSent        []string              `yaml:"notSent"`
	Attempts       Numbers               `yaml:"attempts"`
	Elapsed        []float64             `yaml:"elapsed"`
	Share          map[string][2]float64 `yaml:"share"`
	Statuses       map[int][2]int        `yaml:"statuses"`
	Endpoints      Numbers               `yaml:"endpoints"`
	SameEndpointAs string                `yaml:"sameEndpointAs"`
	TLS            *ExpectTLS            `yaml:"tls"`
	GRPCStatus     *int                  `yaml:"grpcStatus"`
}

// ExpectTLS is what the handshake with the proxy gave.
type ExpectTLS struct {
	Certificate string `yaml:"certificate"`
	ALPN        string `yaml:"alpn"`
}

// Response is what the client received.
type Response struct {
	Headers       map[string]string `yaml:"headers"`
	AbsentHeaders []string          `yaml:"absentHeaders"`
	Body          *string           `yaml:"body"`
	BodyBytes     *int              `yaml:"bodyBytes"`
}

// Upstream is the request as a backend received it.
type Upstream struct {
	Method        string            `yaml:"method"`
	Path          string            `yaml:"path"`
	Host          string            `yaml:"host"`
	Proto         string            `yaml:"proto"`
	Port          string            `yaml:"port"`
	TLS           *bool             `yaml:"tls"`
	SNI           *string           `yaml:"sni"`
	TLSVersion    string            `yaml:"tlsVersion"`
	ClientCert    *string           `yaml:"clientCert"`
	Headers       map[string]string `yaml:"headers"`
	AbsentHeaders []string          `yaml:"absentHeaders"`
	Body          *string           `yaml:"body"`
	BodyBytes     *int              `yaml:"bodyBytes"`
}

// AlsoSent is a request that a second Service received.
type AlsoSent struct {
	Backend  string `yaml:"backend"`
	Count    *int   `yaml:"count"`
	Upstream `yaml:",inline"`
}
