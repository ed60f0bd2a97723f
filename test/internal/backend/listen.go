package backend

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// Farm is the set of running backends of a case.
type Farm struct {
	Ledger  *Ledger
	ring    *keys.Ring
	closers []io.Closer
}

// NewFarm returns a farm without backends.
func NewFarm(ring *keys.Ring) *Farm { return &Farm{Ledger: NewLedger(), ring: ring} }

// Place is where one port of one endpoint of a Service listens.
type Place struct {
	Service  *casefile.Service
	Endpoint int
	Port     string // name of the Service port
	Address  string
}

// Start opens the place; it accepts connections when Start returns.
func (f *Farm) Start(p Place) error {
	self := casefile.Endpoint{}
	if p.Endpoint < len(p.Service.Endpoints) {
		self = p.Service.Endpoints[p.Endpoint]
	}
	switch {
	case self.Refuse:
		return nil
	case self.Drop:
		hole, err := openBlackhole(p.Address)
		if err == nil {
			f.closers = append(f.closers, hole)
		}
		return err
	}
	server := &http.Server{
		Handler:   &endpoint{ledger: f.Ledger, service: p.Service, self: self, name: fmt.Sprint(p.Endpoint), port: p.Port},
		ErrorLog:  log.New(io.Discard, "", 0),
		Protocols: protocols(p.Service.Protocol),
	}
	secure := p.Service.Protocol == "https" || p.Service.Protocol == "grpcs"
	if secure {
		config, err := f.tls(p.Service)
		if err != nil {
			return err
		}
		server.TLSConfig = config
	}
	ln, err := net.Listen("tcp", p.Address)
	if err != nil {
		return err
	}
	f.closers = append(f.closers, server, ln)
	go func() {
		if secure {
			_ = server.ServeTLS(ln, "", "") // ends when the farm closes
			return
		}
		_ = server.Serve(ln)
	}()
	return nil
}

func protocols(protocol string) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(protocol == "grpc")
	p.SetHTTP2(protocol == "grpcs")
	return p
}

// tls is the server side: a client certificate is asked for always, and demanded where the Service names a CA.
func (f *Farm) tls(s *casefile.Service) (*tls.Config, error) {
	pair := f.ring.Certs[s.Cert]
	if pair == nil {
		var err error
		if pair, err = keys.SelfSigned("backend.invalid", "backend.invalid"); err != nil {
			return nil, err
		}
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair.TLS}, ClientAuth: tls.RequestClientCert}
	if s.ClientCA != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AddCert(f.ring.CAs[s.ClientCA].Leaf)
	}
	return config, nil
}

// Close stops all backends and cuts their connections.
func (f *Farm) Close() error {
	var errs []error
	for _, c := range f.closers {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
