package nginx

import (
	"slices"
	"strings"
)

// cipher is a TLS 1.2 cipher suite that BoringSSL has, by its OpenSSL name, with the words that OpenSSL groups it under.
type cipher struct {
	name  string
	words string
}

// ciphers lists the suites in OpenSSL's order of strength. BoringSSL has no suites with DHE, PSK, CCM, Camellia or ARIA, nor
// CBC suites with SHA-2; today's OpenSSL is built without triple DES.
func ciphers() []cipher {
	const (
		ecdsa  = " ECDHE EECDH kECDHE kEECDH ECDSA aECDSA "
		rsa    = " ECDHE EECDH kECDHE kEECDH aRSA "
		plain  = " RSA kRSA aRSA "
		gcm256 = " HIGH AES AES256 AESGCM SHA384 TLSv1.2 "
		gcm128 = " HIGH AES AES128 AESGCM SHA256 TLSv1.2 "
		chacha = " HIGH CHACHA20 TLSv1.2 "
		cbc256 = " HIGH AES AES256 SHA SHA1 "
		cbc128 = " HIGH AES AES128 SHA SHA1 "
	)
	return []cipher{
		{"ECDHE-ECDSA-AES256-GCM-SHA384", ecdsa + gcm256},
		{"ECDHE-RSA-AES256-GCM-SHA384", rsa + gcm256},
		{"ECDHE-ECDSA-CHACHA20-POLY1305", ecdsa + chacha},
		{"ECDHE-RSA-CHACHA20-POLY1305", rsa + chacha},
		{"ECDHE-ECDSA-AES128-GCM-SHA256", ecdsa + gcm128},
		{"ECDHE-RSA-AES128-GCM-SHA256", rsa + gcm128},
		{"ECDHE-ECDSA-AES256-SHA", ecdsa + cbc256 + "TLSv1 TLSv1.0"},
		{"ECDHE-RSA-AES256-SHA", rsa + cbc256 + "TLSv1 TLSv1.0"},
		{"ECDHE-ECDSA-AES128-SHA", ecdsa + cbc128 + "TLSv1 TLSv1.0"},
		{"ECDHE-RSA-AES128-SHA", rsa + cbc128 + "TLSv1 TLSv1.0"},
		{"AES256-GCM-SHA384", plain + gcm256},
		{"AES128-GCM-SHA256", plain + gcm128},
		{"AES256-SHA", plain + cbc256 + "SSLv3"},
		{"AES128-SHA", plain + cbc128 + "SSLv3"},
	}
}

// cipherNames turns an OpenSSL cipher string into the names of suites in order of preference. unusable tells that a list is
// given of which nothing remains: the source then refuses TLS 1.2, while a proxy would take its own defaults. An empty
// string, and DEFAULT alone, give nothing and leave the choice to the proxy.
func cipherNames(list string) (names []string, unusable bool) {
	words := strings.ReplaceAll(list, "@", ":@")
	entries := strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(":, \t\n;", r) })
	if len(entries) == 0 || len(entries) == 1 && entries[0] == "DEFAULT" {
		return nil, false
	}
	var killed, weak []string
	for _, e := range entries {
		switch e[0] {
		case '!':
			killed = append(killed, suites(e[1:])...)
			names = without(names, killed)
		case '-':
			names = without(names, suites(e[1:]))
		case '+':
			kept := without(names, suites(e[1:]))
			names = slices.Concat(kept, without(names, kept))
		case '@':
			if e == "@STRENGTH" {
				names = byStrength(names)
			}
			weak = append(weak, belowLevel(e)...)
		default:
			names = append(names, without(suites(e), append(slices.Clone(names), killed...))...)
		}
	}
	names = without(names, weak)
	return names, len(names) == 0
}

// suites gives the suites that a word of a cipher string stands for: a name, or words joined by + that must all fit.
func suites(word string) []string {
	var out []string
	for _, c := range ciphers() {
		fits := true
		for part := range strings.SplitSeq(word, "+") {
			fits = fits && (part == c.name || part == "ALL" || part == "DEFAULT" || slices.Contains(strings.Fields(c.words), part))
		}
		if fits {
			out = append(out, c.name)
		}
	}
	return out
}

// lostCiphers lists the words of a cipher string that stand for suites that are lost. Suites with DHE only count where the
// controller has parameters for them, since nginx offers none without.
func lostCiphers(list string, dhe bool) string {
	var lost []string
	entries := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":, \t\n;", r) })
	for _, e := range entries {
		e, _, _ = strings.Cut(e, "@")
		if e == "" || strings.ContainsRune("!-+", rune(e[0])) || strings.HasPrefix(e, "TLS_") || slices.Contains(lost, e) {
			continue
		}
		parts := strings.Split(e, "+")
		keeps := slices.ContainsFunc(ciphers(), func(c cipher) bool { return c.name == e })
		for _, p := range parts {
			// Of these words every suite is known that needs neither DHE nor a shared key.
			keeps = keeps || p == "AESGCM" || p == "CHACHA20"
		}
		isDHE := strings.HasPrefix(e, "DHE-") || strings.HasPrefix(e, "EDH-") || slices.ContainsFunc(parts, func(p string) bool {
			return slices.Contains([]string{"DHE", "EDH", "kDHE", "kEDH"}, p)
		})
		switch {
		case isDHE && !dhe:
		case isDHE, !keeps, dhe && len(parts) == 1 && len(suites(e)) > 1:
			lost = append(lost, e)
		}
	}
	return strings.Join(lost, ", ")
}

// belowLevel gives the suites that a level of security refuses: from 3 on those without forward secrecy, from 4 on those
// with short keys or SHA-1.
func belowLevel(command string) []string {
	var out []string
	if command >= "@SECLEVEL=3" && command <= "@SECLEVEL=5" {
		out = append(out, suites("kRSA")...)
	}
	if command >= "@SECLEVEL=4" && command <= "@SECLEVEL=5" {
		out = append(append(out, suites("AES128")...), suites("SHA1")...)
	}
	return out
}

// byStrength puts suites with longer keys first.
func byStrength(names []string) []string {
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(a, b string) int { return keyBits(b) - keyBits(a) })
	return out
}

func keyBits(name string) int {
	if strings.Contains(name, "AES128") {
		return 128
	}
	return 256
}

// without gives the names that are not among others.
func without(names, others []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(others, n) {
			out = append(out, n)
		}
	}
	return out
}
