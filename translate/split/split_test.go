package split

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func object(kind, namespace, name, owner string) *manifest.Object {
	return &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: kind, Namespace: namespace, Name: name, Owner: owner}
}

func TestObjectsGoToTheFolderOfTheirOwner(t *testing.T) {
	key := object("Secret", "istio-system", "shop.tls", "shop")
	key.Secret = true
	files, err := Layout([]*manifest.Object{
		key, object("Gateway", "istio-system", "i2g-http", ""), object("VirtualService", "istio-system", "root", ""), object("VirtualService", "shop", "web", "shop"), object("DestinationRule", "shop", "web", "shop"), object("Namespace", "", "x", ""),
	}, manifest.Map{{Key: "pathNormalization", Value: manifest.Map{{Key: "normalization", Value: "DECODE_AND_MERGE_SLASHES"}}}})
	require.NoError(t, err)
	type line struct {
		Path string
		Mode fs.FileMode
	}
	var got []line
	text := map[string]string{}
	for _, f := range files {
		got = append(got, line{f.Path, f.Mode})
		text[f.Path] = string(f.Data)
		if !strings.HasPrefix(string(f.Data), Header) {
			t.Errorf("%s has no header", f.Path)
		}
	}
	if diff := cmp.Diff([]line{
		{"platform/gateway-istio-system.i2g-http.yaml", 0o644},
		{"platform/kustomization.yaml", 0o644},
		{"platform/meshconfig.yaml", 0o644},
		{"platform/namespace-x.yaml", 0o644},
		{"platform/secret-istio-system.shop.tls.yaml", 0o600},
		{"platform/virtualservice-istio-system.root.yaml", 0o644},
		{"teams/shop/destinationrule-shop.web.yaml", 0o644},
		{"teams/shop/kustomization.yaml", 0o644},
		{"teams/shop/virtualservice-shop.web.yaml", 0o644},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Header+`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
sortOptions:
  order: fifo
resources:
- secret-istio-system.shop.tls.yaml
- gateway-istio-system.i2g-http.yaml
- virtualservice-istio-system.root.yaml
- namespace-x.yaml
`, text["platform/kustomization.yaml"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Header+"pathNormalization:\n  normalization: DECODE_AND_MERGE_SLASHES\n", text["platform/meshconfig.yaml"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSameObjectTwiceIsAnError(t *testing.T) {
	_, err := Layout([]*manifest.Object{object("Gateway", "a", "b", ""), object("Gateway", "a", "b", "")}, nil)
	require.ErrorContains(t, err, "Gateway a/b and Gateway a/b would both be written to platform/gateway-a.b.yaml")
}

func TestNamesStayInTheirFolder(t *testing.T) {
	for in, want := range map[string]string{
		"../../etc/passwd": "virtualservice-n._2e._2f.._2fetc_2fpasswd.yaml",
		"":                 "virtualservice-n._.yaml",
		"A_b":              "virtualservice-n._41_5fb.yaml",
		"a\x00b":           "virtualservice-n.a_00b.yaml",
		"-x":               "virtualservice-n._2dx.yaml",
	} {
		if diff := cmp.Diff(want, FileName(object("VirtualService", "n", in, ""))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
	if diff := cmp.Diff("teams/_2e._2fx", Folder(object("VirtualService", "n", "x", "../x"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamesAreInjectiveShortAndSafe(t *testing.T) {
	label := rapid.OneOf(rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?`), rapid.StringMatching(`[a-z]{60,63}`))
	name := rapid.OneOf(rapid.StringMatching(`[a-z0-9]([-a-z0-9.]{0,8}[a-z0-9])?`), rapid.StringMatching(`x{230,240}[ab]{0,3}`), rapid.String())
	kind := rapid.SampledFrom([]string{"VirtualService", "DestinationRule", "Gateway"})
	gen := rapid.Custom(func(t *rapid.T) *manifest.Object {
		return object(kind.Draw(t, "kind"), label.Draw(t, "namespace"), name.Draw(t, "name"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		if a.ID() != b.ID() && strings.EqualFold(FileName(a), FileName(b)) {
			t.Fatalf("%s and %s share %s", a.ID(), b.ID(), FileName(a))
		}
		n := FileName(a)
		if len(n) > 255 || strings.Trim(n, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
			t.Fatalf("%q", n)
		}
	})
}
