package authorizer

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// bench is a handler with a clock of its own and what it wrote.
type bench struct {
	t       *testing.T
	dir     string
	clock   time.Time
	log     bytes.Buffer
	handler *Handler
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), clock: time.Unix(1_700_000_000, 0)}
	h, err := newHandler(b.dir, slog.New(slog.NewTextHandler(&b.log, nil)), func() time.Time { return b.clock })
	require.NoError(t, err)
	b.handler = h
	return b
}

// mount writes a Secret as the kubelet does: the keys are links into a folder that is exchanged as a whole.
func (b *bench) mount(name string, data map[string]string) {
	b.t.Helper()
	dir := filepath.Join(b.dir, name)
	require.NoError(b.t, os.MkdirAll(dir, 0o755))
	version, err := os.MkdirTemp(dir, "..version")
	require.NoError(b.t, err)
	for key, value := range data {
		require.NoError(b.t, os.WriteFile(filepath.Join(version, key), []byte(value), 0o600))
		if _, err := os.Lstat(filepath.Join(dir, key)); err != nil {
			require.NoError(b.t, os.Symlink(filepath.Join("..data", key), filepath.Join(dir, key)))
		}
	}
	require.NoError(b.t, os.Symlink(filepath.Base(version), filepath.Join(dir, "..next")))
	require.NoError(b.t, os.Rename(filepath.Join(dir, "..next"), filepath.Join(dir, "..data")))
}

func (b *bench) ask(ref, user, password string) int {
	b.t.Helper()
	return b.send(ref, "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password))).Code
}

func (b *bench) send(ref, authorization string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, CheckPath, nil)
	if ref != "" {
		r.Header.Set(Header, ref)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	require.NoError(t, err)
	return string(b)
}

func shaOf(password string) string {
	sum := sha1.Sum([]byte(password))
	return "{SHA}" + base64.StdEncoding.EncodeToString(sum[:])
}

func saltedOf(password, salt string) string {
	sum := sha1.Sum([]byte(password + salt))
	return "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], salt...))
}

func TestEveryFormOfHashIsChecked(t *testing.T) {
	made := bcryptOf(t, "wonder")
	for name, entry := range map[string]string{
		"bcrypt as Go writes it":     made,
		"bcrypt as htpasswd does":    "$2y" + made[3:],
		"bcrypt as libraries do":     "$2b" + made[3:],
		"bcrypt of crypt(3)":         "$2b$04$abcdefghijklmnopqrstuuetGRvO6QNMBbbIoo5tpQkbPXg26U9Qu",
		"MD5 as htpasswd does":       "$apr1$pepper$xio9./dQ.9izh82XKlP4E1", // openssl passwd -apr1
		"MD5 of crypt(3)":            "$1$pepper$DEFZQzKd6KbQH7S4/3BMx.",    // openssl passwd -1
		"SHA-256 of crypt(3)":        "$5$pepper$AkwHNY2WXRmYRudHQEVn9NpcsJByJgf8dRiSwUKuZu3",
		"SHA-512 of crypt(3)":        "$6$pepper$xb/Y1zzKEJPcXKaxlDnhFa2S7.nseAJrRppcvEnM3XJ74mUpQdOEzVqpriwF4EeAlm6m7LsfmoLk2NZ20p2700",
		"SHA-256 with stated rounds": "$5$rounds=2000$pepper$y6wjGqbhoCVRvi13Ymzl/a0X14TJGUi61xRxuS2tBW/",
		"SHA-512 with stated rounds": "$6$rounds=1000$pepper$/bj0ap.teX/FB8napHaU2ivOwMtF80joN8eEu1cMuYHapd7IqDCXbeoKyWq8s9fUwOiddZqJO0FfEUZGnp98j/",
		"SHA-1":                      shaOf("wonder"),
		"salted SHA-1":               saltedOf("wonder", "pepper"),
		"the password itself":        "{PLAIN}wonder",
		"with a comment behind it":   shaOf("wonder") + ":Alice",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.mount("shop.users", map[string]string{"auth": "alice:" + entry + "\n"})
			got := map[string]int{
				"right":   b.ask("auth-file/shop.users", "alice", "wonder"),
				"wrong":   b.ask("auth-file/shop.users", "alice", "Wonder"),
				"longer":  b.ask("auth-file/shop.users", "alice", "wonder "),
				"none":    b.ask("auth-file/shop.users", "alice", ""),
				"the row": b.ask("auth-file/shop.users", "alice", entry),
				"unknown": b.ask("auth-file/shop.users", "bob", "wonder"),
			}
			want := map[string]int{"right": 200, "wrong": 401, "longer": 401, "none": 401, "the row": 401, "unknown": 401}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("answers (-want +got):\n%s", d)
			}
		})
	}
}

func TestEntriesThatAreNotUnderstoodLetNobodyPass(t *testing.T) {
	for name, entry := range map[string]string{
		"DES of crypt(3)":                 "ab5da3hZp5iFU",
		"nothing":                         "",
		"a password without a form":       "wonder",
		"bcrypt of a cost for hours":      "$2y$31$" + strings.Repeat("a", 53),
		"bcrypt with the sign fault":      "$2x$04$abcdefghijklmnopqrstuuetGRvO6QNMBbbIoo5tpQkbPXg26U9Qu",
		"bcrypt cut short":                "$2y$04$abcdefghijklmnopqrst",
		"SHA-512 of rounds for minutes":   "$6$rounds=999999999$pepper$" + strings.Repeat("a", 86),
		"SHA-512 with something as round": "$6$x$pepper$" + strings.Repeat("a", 86),
		"SHA-256 without a salt":          "$5$" + strings.Repeat("a", 43),
		"MD5 with too long a salt":        "$apr1$pepperpepper$xio9./dQ.9izh82XKlP4E1",
		"SHA-1 of another length":         "{SHA}aaaa",
		"salted SHA-1 cut short":          "{SSHA}aaaa",
		"SHA-1 that is no base64":         "{SHA}***",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.mount("shop.users", map[string]string{"auth": "alice:" + entry + "\nbob:" + shaOf("x") + "\n"})
			got := []int{b.ask("auth-file/shop.users", "alice", "wonder"), b.ask("auth-file/shop.users", "alice", ""), b.ask("auth-file/shop.users", "bob", "x")}
			if d := cmp.Diff([]int{401, 401, 200}, got); d != "" {
				t.Errorf("answers (-want +got):\n%s", d)
			}
		})
	}
}

func TestFilesAreReadAsNginxReadsThem(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "# staff\r\n\n:{PLAIN}a\nalice:{PLAIN}first\r\nalice:{PLAIN}second\n#bob:{PLAIN}b\ncarol\ndave:{PLAIN}d"})
	got := map[string]int{}
	for _, c := range []string{"alice:first", "alice:second", "#bob:b", ":a", "carol:", "dave:d"} {
		user, password, _ := strings.Cut(c, ":")
		got[c] = b.ask("auth-file/shop.users", user, password)
	}
	want := map[string]int{"alice:first": 200, "alice:second": 401, "#bob:b": 401, ":a": 401, "carol:": 401, "dave:d": 200}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
}

func TestAMapHasAKeyForEachUser(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"alice": shaOf("a"), "auth": shaOf("b")})
	got := map[string]int{
		"alice":             b.ask("auth-map/shop.users", "alice", "a"),
		"a user named auth": b.ask("auth-map/shop.users", "auth", "b"),
		"the kubelet's":     b.ask("auth-map/shop.users", "..data", "b"),
		"read as a file":    b.ask("auth-file/shop.users", "alice", "a"),
	}
	if d := cmp.Diff(map[string]int{"alice": 200, "a user named auth": 200, "the kubelet's": 401, "read as a file": 401}, got); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
}

func TestOnlyBasicCredentialsAreTaken(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "alice:" + shaOf("a:b") + "\n"})
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct {
		header string
		want   int
	}{
		"none":                         {"", 401},
		"a password with a colon":      {"Basic " + encode("alice:a:b"), 200},
		"the scheme in any case":       {"bAsIc " + encode("alice:a:b"), 200},
		"another scheme":               {"Bearer " + encode("alice:a:b"), 401},
		"no base64":                    {"Basic alice:a:b", 401},
		"no colon":                     {"Basic " + encode("alice"), 401},
		"longer than anybody's":        {"Basic " + encode("alice:"+strings.Repeat("a", longestCredentials)), 401},
		"two values in one header":     {"Basic " + encode("alice:a:b") + ", Basic " + encode("alice:a:b"), 401},
		"bytes that are no characters": {"Basic " + encode("\xff\x00:a"), 401},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.send("auth-file/shop.users", c.header)
			challenge := ""
			if c.want == 401 {
				challenge = `Basic realm="users"`
			}
			if w.Code != c.want || w.Header().Get("WWW-Authenticate") != challenge {
				t.Errorf("got %d with challenge %q", w.Code, w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestOnlyMountedSecretsAreServed(t *testing.T) {
	b := newBench(t)
	outside := filepath.Join(filepath.Dir(b.dir), filepath.Base(b.dir)+".secret")
	require.NoError(t, os.Mkdir(outside, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(outside, "auth"), []byte("alice:{PLAIN}a\n"), 0o600))
	b.mount("shop.users", map[string]string{"auth": "alice:{PLAIN}a\n"})
	require.NoError(t, os.Symlink(outside, filepath.Join(b.dir, "shop.link")))
	for name, ref := range map[string]string{
		"no header":              "",
		"a Secret not mounted":   "auth-file/shop.staff",
		"no form":                "shop.users",
		"another form":           "digest/shop.users",
		"no namespace":           "auth-file/users",
		"a path":                 "auth-file/shop.users/..",
		"a way out":              "auth-file/../" + filepath.Base(outside),
		"a link out":             "auth-file/shop.link",
		"a name in capitals":     "auth-file/Shop.users",
		"a version of a Secret":  "auth-file/..data.x",
		"the folder of them all": "auth-map/.",
	} {
		t.Run(name, func(t *testing.T) {
			if got := b.ask(ref, "alice", "a"); got != 503 {
				t.Errorf("answer %d to %q", got, ref)
			}
		})
	}
	if got := b.ask("auth-file/shop.users", "alice", "a"); got != 200 {
		t.Errorf("answer %d for the Secret that is mounted", got)
	}
}

func TestChangesOfASecretAreSeen(t *testing.T) {
	const ref = "auth-file/shop.users"
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "alice:" + bcryptOf(t, "old") + "\nbob:" + shaOf("b") + "\n"})
	step := func(name string, want map[string]int) {
		t.Helper()
		got := map[string]int{"alice, old": b.ask(ref, "alice", "old"), "alice, new": b.ask(ref, "alice", "new"), "bob": b.ask(ref, "bob", "b")}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	step("at first", map[string]int{"alice, old": 200, "alice, new": 401, "bob": 200})
	step("remembered", map[string]int{"alice, old": 200, "alice, new": 401, "bob": 200})

	b.mount("shop.users", map[string]string{"auth": "alice:" + bcryptOf(t, "new") + "\n"})
	step("before the file is looked at again", map[string]int{"alice, old": 200, "alice, new": 401, "bob": 200})
	b.clock = b.clock.Add(refresh)
	step("what was verified is forgotten with the file", map[string]int{"alice, old": 401, "alice, new": 200, "bob": 401})

	require.NoError(t, os.RemoveAll(filepath.Join(b.dir, "shop.users")))
	b.clock = b.clock.Add(refresh)
	step("the Secret is gone", map[string]int{"alice, old": 503, "alice, new": 503, "bob": 503})

	b.mount("shop.users", map[string]string{"auth": "bob:" + shaOf("b") + "\n"})
	step("a Secret that comes is seen at once", map[string]int{"alice, old": 401, "alice, new": 401, "bob": 200})
}

// counted counts the checks of an entry.
type counted struct{ matches, checks int }

func (c *counted) MatchesPassword(string) bool { c.checks++; return c.checks <= c.matches }

func TestVerifiedCredentialsAreNotHashedAgain(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "x:\n"})
	u, err := b.handler.passwordFiles.find("auth-file/shop.users")
	require.NoError(t, err)
	alice := &counted{matches: 100}
	u.hashes["alice"] = hash{alice, 9}

	for range 3 {
		require.Equal(t, 200, b.ask("auth-file/shop.users", "alice", "a"))
	}
	require.Equal(t, 1, alice.checks)
	b.clock = b.clock.Add(rememberFor)
	require.Equal(t, 200, b.ask("auth-file/shop.users", "alice", "a"))
	require.Equal(t, 2, alice.checks, "they are believed for a time only")

	for i := range 2 * mostVerified {
		u.remember([32]byte{byte(i), byte(i >> 8)}, b.clock)
	}
	require.LessOrEqual(t, len(u.verified), mostVerified)

	alice.matches = 0
	require.Equal(t, 401, b.ask("auth-file/shop.users", "alice", "b"))
	require.Equal(t, 401, b.ask("auth-file/shop.users", "alice", "b"))
	require.Equal(t, 4, alice.checks, "refusals are not remembered")
}

func TestRefusalsDoNotTellWhoExists(t *testing.T) {
	slow, quick := &counted{}, &counted{}
	u := parseUsers("", nil)
	u.hashes["slow"], u.hashes["quick"] = hash{slow, 9}, hash{quick, 0}
	u.decoy = u.hashes["slow"]
	for name, want := range map[string]int{"slow": 1, "quick": 1, "nobody": 1} {
		slow.checks = 0
		if u.check(name, "x") || slow.checks != want {
			t.Errorf("%s: the slowest hash was computed %d times", name, slow.checks)
		}
	}
	parsed := parseUsers("a:"+shaOf("a")+"\nb:$2y$10$"+strings.Repeat("a", 53)+"\nc:$2y$05$"+strings.Repeat("a", 53)+"\n", nil)
	if parsed.decoy != parsed.hashes["b"] {
		t.Errorf("the decoy is not the slowest entry: %+v", parsed.decoy)
	}
	if parseUsers("a:x\n", nil).check("a", "x") {
		t.Error("a file without usable entries let somebody pass")
	}
}

func TestKeysOfCredentialsDiffer(t *testing.T) {
	u, v := parseUsers("", []byte("one")), parseUsers("", []byte("two"))
	seen := map[[32]byte]string{}
	for name, k := range map[string][32]byte{
		"a, bc": u.key("a", "bc"), "ab, c": u.key("ab", "c"), "abc and nothing": u.key("abc", ""), "another secret": v.key("a", "bc"),
	} {
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[k] = name
	}
}

func TestTooManyRequestsAreNotQueued(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "alice:" + shaOf("a") + "\n"})
	h := b.handler
	require.Equal(t, 200, b.ask("auth-file/shop.users", "alice", "a"))
	for range cap(h.places) {
		h.places <- struct{}{}
	}
	got := []int{b.ask("auth-file/shop.users", "alice", "b"), b.ask("auth-file/shop.users", "alice", "a")}
	if d := cmp.Diff([]int{503, 200}, got); d != "" {
		t.Errorf("a new check is refused, a remembered one is not (-want +got):\n%s", d)
	}
	for range cap(h.places) {
		<-h.places
	}

	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequest(http.MethodGet, CheckPath, nil).WithContext(gone)
	r.Header.Set(Header, "auth-file/shop.users")
	r.SetBasicAuth("alice", "b")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 503 || len(h.places) != 0 {
		t.Errorf("a client that is gone: answer %d, %d places kept", w.Code, len(h.places))
	}
}

func TestNothingOfARequestIsLogged(t *testing.T) {
	b := newBench(t)
	b.mount("shop.users", map[string]string{"auth": "alice:{PLAIN}pass-of-alice\nbob:hash-of-bob\n"})
	b.ask("auth-file/shop.users", "alice", "pass-of-alice")
	b.ask("auth-file/shop.users", "mallory", "pass-of-mallory")
	b.ask("auth-file/shop.gone", "mallory", "pass-of-mallory")
	b.ask("auth-file/shop.gone2", "mallory", "pass-of-mallory")
	out := b.log.String()
	for _, s := range []string{"alice", "bob", "mallory", "gone2"} {
		if strings.Contains(out, s) {
			t.Errorf("the log names %s:\n%s", s, out)
		}
	}
	for _, s := range []string{"users=1", "unusable=1", "shop.gone"} {
		if !strings.Contains(out, s) {
			t.Errorf("the log does not say %s:\n%s", s, out)
		}
	}
}

func TestOtherPaths(t *testing.T) {
	b := newBench(t)
	got := map[string]int{}
	for _, p := range []string{"/healthz", "/", "/check/"} {
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, p, nil))
		got[p] = w.Code
	}
	if d := cmp.Diff(map[string]int{"/healthz": 200, "/": 404, "/check/": 404}, got); d != "" {
		t.Errorf("answers (-want +got):\n%s", d)
	}
}

func TestServingStopsWhenItIsTold(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, l, b.handler) }()

	get := func(header string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/healthz", nil)
		require.NoError(t, err)
		r.Header.Set("X-Long", header)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, 200, get("x"))
	require.Equal(t, 431, get(strings.Repeat("x", 64<<10)))
	cancel()
	require.NoError(t, <-done)
}

func TestExitCodes(t *testing.T) {
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		want int
	}{
		"help":               {[]string{"-h"}, 0},
		"an unknown flag":    {[]string{"-x"}, 2},
		"an argument":        {[]string{"x"}, 2},
		"a folder not there": {[]string{"-root", filepath.Join(dir, "x"), "-listen", "127.0.0.1:0"}, 3},
		"an address not one": {[]string{"-root", dir, "-listen", "nowhere"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			if got := Run(stopped, c.args, &stderr); got != c.want || stderr.Len() == 0 {
				t.Errorf("exit code %d, want %d; %q", got, c.want, stderr.String())
			}
		})
	}
	waiting, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if got := Run(waiting, []string{"-root", dir, "-listen", "127.0.0.1:0"}, &bytes.Buffer{}); got != 0 {
		t.Errorf("exit code %d when told to stop", got)
	}
}
