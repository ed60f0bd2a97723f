package nginx

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCipherStrings(t *testing.T) {
	for name, c := range map[string]struct {
		list     string
		want     string
		unusable bool
	}{
		"nothing leaves the choice to the proxy":     {"", "", false},
		"the default leaves the choice to the proxy": {"DEFAULT", "", false},
		"names keep their order": {
			"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384", false,
		},
		"names that BoringSSL lacks go": {"DHE-RSA-AES128-GCM-SHA256,AES128-SHA", "AES128-SHA", false},
		"nothing usable is told":        {"DHE-RSA-AES256-GCM-SHA384:CAMELLIA128-SHA", "", true},
		"TLS 1.3 names are no list":     {"TLS_AES_128_GCM_SHA256", "", true},
		"words are expanded": {
			"EECDH+AESGCM", "ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256", false,
		},
		"killed suites never come back": {"AES256-SHA:!kRSA:AES128-SHA:ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", false},
		"deleted suites may come back":  {"AES256-SHA:-kRSA:AES128-SHA", "AES128-SHA", false},
		"moved suites stand last":       {"AES256-SHA:AES128-SHA:+AES256", "AES128-SHA AES256-SHA", false},
		"a name stands once":            {"AES128-SHA:AES128-SHA:AES128", "AES128-SHA ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES128-SHA ECDHE-RSA-AES128-SHA AES128-GCM-SHA256", false},
		"strength sorts":                {"AES128-SHA:AES256-SHA:@STRENGTH", "AES256-SHA AES128-SHA", false},
		"a level refuses":               {"HIGH@SECLEVEL=4", "ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305", false},
		"a low level refuses nothing":   {"AES128-SHA@SECLEVEL=0", "AES128-SHA", false},
		"only exclusions are nothing":   {"!aNULL:!MD5", "", true},
		"unknown words are nothing":     {"PSK:ECDHE+NOPE", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, unusable := cipherNames(c.list)
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.unusable, unusable); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheUsualCipherStringGivesEverythingButAnonymous(t *testing.T) {
	got, unusable := cipherNames("HIGH:!aNULL:!MD5")
	if diff := cmp.Diff(len(ciphers()), len(got)); diff != "" || unusable {
		t.Error(diff)
	}
}

// FuzzCiphers makes sure that every name is known and stands once.
func FuzzCiphers(f *testing.F) {
	for _, s := range []string{"HIGH:!aNULL", "DEFAULT@SECLEVEL=1", "+:-:!", "ALL:+AES128:@STRENGTH", "@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, unusable := cipherNames(s)
		if unusable && got != nil {
			t.Errorf("%q: unusable, yet %v", s, got)
		}
		known := suites("ALL")
		for i, n := range got {
			if !slices.Contains(known, n) || slices.Contains(got[:i], n) {
				t.Errorf("%q: %v", s, got)
			}
		}
	})
}

func TestLostCiphers(t *testing.T) {
	for name, c := range map[string]struct {
		list string
		dhe  bool
		want string
	}{
		"a suite that is known is kept":              {"ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA", false, ""},
		"a suite that is unknown is lost":            {"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA256", false, "ECDHE-RSA-AES128-SHA256"},
		"a wide word holds unknown suites":           {"ALL:!aNULL:-MD5:+RC4:@STRENGTH", false, "ALL"},
		"GCM is known as a whole":                    {"EECDH+AESGCM:CHACHA20@SECLEVEL=2", false, ""},
		"DHE was never offered without parameters":   {"AES128-SHA:DHE-RSA-AES128-GCM-SHA256:DHE+AESGCM", false, ""},
		"DHE was offered with parameters":            {"AES128-SHA:DHE-RSA-AES128-GCM-SHA256:DHE+AESGCM:AESGCM", true, "DHE-RSA-AES128-GCM-SHA256, DHE+AESGCM, AESGCM"},
		"with parameters, what excludes DHE is kept": {"EECDH+AESGCM", true, ""},
		"names of TLS 1.3 never counted":             {"TLS_AES_128_GCM_SHA256:AES128-SHA", false, ""},
		"a word is told once":                        {"HIGH:HIGH", false, "HIGH"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, lostCiphers(c.list, c.dhe)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
