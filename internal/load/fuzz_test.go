package load

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/internal/fleet"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// FuzzBytes reads anything: it must not panic, must count what it reads, must say the same each time, and whatever it lets
// through must be sound enough for a translation not to stumble over it.
func FuzzBytes(f *testing.F) {
	for _, c := range oddInputs {
		f.Add([]byte(c.in))
	}
	for _, c := range listInputs {
		f.Add([]byte(c.in))
	}
	f.Add([]byte(kinds))
	f.Add(fleetOf(f, fleet.Options{Ingresses: 2, Profile: fleet.Heavy, TLS: true, Format: fleet.JSONList}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		s, again := snapshot.New(), snapshot.New()
		Bytes("in", data, s)
		Bytes("in", bytes.Clone(data), again)
		if s.Read != len(s.Ingresses)+s.Failed || s.Failed < 0 {
			t.Errorf("read %d, failed %d, got %d", s.Read, s.Failed, len(s.Ingresses))
		}
		if s.Failed > 0 && s.Findings.Len() == 0 {
			t.Error("an Ingress failed without a word")
		}
		for _, in := range s.Ingresses {
			checkSound(t, in)
		}
		if diff := cmp.Diff(outcome(s), outcome(again)); diff != "" {
			t.Errorf("reading twice gives two results:\n%s", diff)
		}
	})
}

func checkSound(t *testing.T, in *snapshot.Ingress) {
	t.Helper()
	sound := in.Name != "" && in.Namespace != "" && in.Object.Name == in.Name && in.Object.Line > 0
	sound = sound && len(in.Lines.Rules) == len(in.Spec.Rules) && len(in.Lines.Paths) == len(in.Spec.Rules) && len(in.Lines.TLS) == len(in.Spec.TLS)
	sound = sound && len(in.Lines.Annotations) == len(in.Annotations) && (in.Spec.DefaultBackend == nil || soundBackend(in.Spec.DefaultBackend))
	for i, r := range in.Spec.Rules {
		sound = sound && (r.Host == "" || checkHost(r.Host) == "")
		if r.HTTP == nil {
			continue
		}
		sound = sound && len(r.HTTP.Paths) > 0 && len(in.Lines.Paths[i]) == len(r.HTTP.Paths)
		for _, p := range r.HTTP.Paths {
			sound = sound && p.PathType != nil && soundBackend(&p.Backend) && (p.Path == "" || p.Path[0] == '/')
		}
	}
	if !sound {
		t.Errorf("%+v %+v", in, in.Object)
	}
}

func soundBackend(b *netv1.IngressBackend) bool {
	if s := b.Service; s != nil {
		return b.Resource == nil && s.Name != "" && (s.Port.Name != "") != (s.Port.Number > 0)
	}
	return b.Resource != nil
}
