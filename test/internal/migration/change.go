package migration

import (
	"encoding/base64"
	"time"
)

// edit is a change of a live Ingress.
type edit struct {
	what    string
	ingress string
	patch   map[string]any
	want    map[string]string // answers afterwards, by probe; those of all others stay
	secret  string            // is changed instead of the Ingress, if not ""
}

func annotations(a map[string]any) map[string]any {
	return map[string]any{"metadata": map[string]any{"annotations": a}}
}

func paths(ps ...[2]string) map[string]any {
	var list []any
	for _, p := range ps {
		list = append(list, map[string]any{
			"path": p[0], "pathType": "Prefix", "backend": map[string]any{"service": map[string]any{"name": p[1], "port": map[string]any{"number": 80}}},
		})
	}
	return map[string]any{"spec": map[string]any{"rules": []any{map[string]any{"host": "change.test", "http": map[string]any{"paths": list}}}}}
}

const nginx = "nginx.ingress.kubernetes.io/"

// edits are what teams do to Ingresses that are live, one after the other.
func edits() []edit {
	const (
		office, other, elsewhere = "change office, from the office", "change office, from the other office", "change office, from elsewhere"
		page                     = "change page"
	)
	token := map[string]any{nginx + "auth-url": "http://auth.platform.svc.cluster.local/check"}
	return []edit{
		{what: "another office is let in", ingress: "change-office", patch: annotations(map[string]any{nginx + "whitelist-source-range": "127.0.1.0/24,127.0.2.0/24"}),
			want: map[string]string{other: "200 shop/web /office"}},
		{what: "and out again", ingress: "change-office", patch: annotations(map[string]any{nginx + "whitelist-source-range": "127.0.1.0/24"}),
			want: map[string]string{other: "403"}},
		{what: "a path gets a backend of its own", ingress: "change", patch: paths([2]string{"/page", "other"}, [2]string{"/", "web"}),
			want: map[string]string{page: "200 shop/other /page"}},
		{what: "two paths change places and backends", ingress: "change", patch: paths([2]string{"/", "other"}, [2]string{"/page", "web"}),
			want: map[string]string{page: "200 shop/web /page", "change": "200 shop/other /", "change, TLS": "200 shop/other / by change"}},
		{what: "and back", ingress: "change", patch: paths([2]string{"/", "web"}),
			want: map[string]string{"change": "200 shop/web /", "change, TLS": "200 shop/web / by change"}},
		{what: "a rewrite", ingress: "change-office", patch: annotations(map[string]any{nginx + "rewrite-target": "/new"}),
			want: map[string]string{office: "200 shop/web /new"}},
		{what: "a rewrite goes", ingress: "change-office", patch: annotations(map[string]any{nginx + "rewrite-target": nil}),
			want: map[string]string{office: "200 shop/web /office"}},
		{what: "an authorization service is asked, too", ingress: "change-office", patch: annotations(token),
			want: map[string]string{office: "401"}},
		{what: "and no more", ingress: "change-office", patch: annotations(map[string]any{nginx + "auth-url": nil}),
			want: map[string]string{office: "200 shop/web /office"}},
		{what: "the whole host gets limits of bodies and rates", ingress: "change",
			patch: annotations(map[string]any{nginx + "proxy-body-size": "2m", nginx + "limit-rps": "500"})},
		{what: "CORS and timeouts", ingress: "change",
			patch: annotations(map[string]any{nginx + "enable-cors": "true", nginx + "proxy-read-timeout": "17"})},
		{what: "the certificate is renewed", ingress: "change", secret: "change-tls", want: map[string]string{"change, TLS": "200 shop/web / by renewed"}},
		{what: "the list of addresses goes", ingress: "change-office", patch: annotations(map[string]any{nginx + "whitelist-source-range": nil}),
			want: map[string]string{other: "200 shop/web /office", elsewhere: "200 shop/web /office"}},
		{what: "a password takes its place", ingress: "change-office",
			patch: annotations(map[string]any{nginx + "auth-type": "basic", nginx + "auth-secret": "users"}),
			want:  map[string]string{office: "401", other: "401", elsewhere: "401"}},
	}
}

// changeAll changes live Ingresses. No request may be lost, and none may get more than both what was and what comes allow.
func (s *suite) changeAll() error {
	for _, e := range edits() {
		if err := s.edit(e); err != nil {
			return err
		}
	}
	s.tell("%d changes of live Ingresses", len(edits()))
	return nil
}

func (s *suite) edit(e edit) error {
	s.say("change: %s", e.what)
	begin, applied := time.Now(), s.rig.OperatorSaid(applies)
	var probes []*Probe
	for name, p := range s.change {
		if answer, ok := e.want[name]; ok {
			p.open(answer)
			p.expect(answer)
		}
		probes = append(probes, p)
	}
	var err error
	if e.secret != "" {
		err = s.renew(e.secret)
	} else {
		err = s.kube.Patch(s.ctx, "ingresses", "shop", e.ingress, e.patch)
	}
	if err != nil {
		return err
	}
	if err := s.served(probes); err != nil {
		return err
	}
	took := time.Since(begin)
	if err := s.until("the change is applied", func() (string, error) {
		if s.rig.OperatorSaid(applies) > applied {
			return "", nil
		}
		return "nothing was", nil
	}); err != nil {
		return err
	}
	time.Sleep(afterwards)
	if err := s.until("every Ingress is ready", func() (string, error) { return s.unready("") }); err != nil {
		return err
	}
	s.tell("%s: %.1f s", e.what, took.Seconds())
	return nil
}

// applies is what the operator's log says when it begins to apply, and repaired when something was repaired.
const (
	applies  = `"Applying"`
	repaired = `"Repaired"`
)

// afterwards is how long the operator may go on, with what is no longer needed, after the first right answer.
const afterwards = 500 * time.Millisecond

// renew gives a Secret the pair of another.
func (s *suite) renew(secret string) error {
	pair := s.ring.Certs["renewed"]
	encoded := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	return s.kube.Patch(s.ctx, "secrets", "shop", secret, map[string]any{"data": map[string]any{
		"tls.crt": encoded(pair.CertPEM), "tls.key": encoded(pair.KeyPEM),
	}})
}
