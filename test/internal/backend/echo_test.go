package backend_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// start starts a Service with one endpoint for each address and returns its farm.
func start(t *testing.T, s *casefile.Service, addresses ...string) *backend.Farm {
	t.Helper()
	farm := backend.NewFarm(&keys.Ring{})
	t.Cleanup(func() {
		if err := farm.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, a := range addresses {
		if err := farm.Start(backend.Place{Service: s, Endpoint: i, Port: "http", Address: a}); err != nil {
			t.Fatal(err)
		}
	}
	return farm
}

func send(t *testing.T, method, address, path, body string, header map[string]string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

func TestAnswers(t *testing.T) {
	const plain, fixed, failing = "127.13.0.1:19000", "127.13.0.2:19000", "127.13.0.3:19000"
	start(t, &casefile.Service{Name: "shop/plain"}, plain)
	start(t, &casefile.Service{Name: "shop/fixed", Respond: []casefile.Answer{
		{When: casefile.When{Method: "PUT"}, Status: 405}, {When: casefile.When{Path: "~^/in", Headers: map[string]string{"X-A": "b"}}, Status: 202, Body: "welcome"}, {Status: 401, Headers: casefile.Headers{"Www-Authenticate": {"x"}}},
	}}, fixed)
	start(t, &casefile.Service{Name: "shop/failing", Endpoints: casefile.Endpoints{{Status: 503}}}, failing)
	type answer struct {
		Status  int
		Service string
		Body    string
	}
	tests := map[string]struct {
		method, address, path string
		header                map[string]string
		want                  answer
	}{
		"status and body that the request asks for":   {"GET", plain, "/", map[string]string{"X-Echo": `{"status": 418, "body": "tea"}`}, answer{418, "shop/plain", "tea"}},
		"a size that the request asks for":            {"GET", plain, "/", map[string]string{"X-Echo": `{"bodyBytes": 3}`}, answer{200, "shop/plain", "xxx"}},
		"a status without a body":                     {"GET", plain, "/", map[string]string{"X-Echo": `{"status": 204, "body": "x"}`}, answer{204, "shop/plain", ""}},
		"the first fixed answer that applies":         {"PUT", fixed, "/in", map[string]string{"X-A": "b"}, answer{405, "shop/fixed", ""}},
		"a fixed answer by path and header":           {"GET", fixed, "/inside", map[string]string{"X-A": "b"}, answer{202, "shop/fixed", "welcome"}},
		"an endpoint's own status goes before others": {"GET", failing, "/", map[string]string{"X-Echo": `{"body": "x"}`}, answer{503, "shop/failing", "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp, body, err := send(t, tt.method, tt.address, tt.path, "", tt.header)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want.Body == "" {
				body = "" // the report of the request
			}
			if diff := cmp.Diff(tt.want, answer{resp.StatusCode, resp.Header.Get(backend.ServiceHeader), body}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRequestsAreRecordedAndReported(t *testing.T) {
	const address = "127.13.1.1:19000"
	farm := start(t, &casefile.Service{Name: "shop/app"}, address)
	_, body, err := send(t, "POST", address, "/a%2Fb?c=d", "text", map[string]string{backend.TagHeader: "t1", "X-A": "b"})
	if err != nil {
		t.Fatal(err)
	}
	records := farm.Ledger.Tagged("t1")
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	got := records[0]
	want := backend.Record{Tag: "t1", Service: "shop/app", Endpoint: "0", Port: "http", Method: "POST", Path: "/a%2Fb?c=d", Host: address, Proto: "HTTP/1.1", Body: []byte("text"), Headers: got.Headers, At: got.At}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.Headers.Get("X-A") != "b" || time.Since(got.At) > time.Minute {
		t.Errorf("%+v", got)
	}
	var said struct{ Service, Method, Path string }
	if err := json.Unmarshal([]byte(body), &said); err != nil || said.Path != "/a%2Fb?c=d" || said.Service != "shop/app" {
		t.Errorf("%s: %v", body, err)
	}
}

func TestEndpointsThatDoNotAnswer(t *testing.T) {
	const refuses, drops = "127.13.2.1:19000", "127.13.2.2:19000"
	start(t, &casefile.Service{Name: "shop/app", Endpoints: casefile.Endpoints{{Refuse: true}, {Drop: true}}}, refuses, drops)
	if _, _, err := send(t, "GET", refuses, "/", "", nil); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("want a refusal, got %v", err)
	}
	client := &http.Client{Timeout: 300 * time.Millisecond}
	resp, err := client.Get("http://" + drops + "/")
	if err == nil {
		_ = resp.Body.Close()
		t.Error("the black hole answers")
	} else if strings.Contains(err.Error(), "refused") {
		t.Errorf("the black hole refuses: %v", err)
	}
}

func TestSideRequests(t *testing.T) {
	const auth = "127.13.3.1:19000"
	farm := start(t, &casefile.Service{Name: "shop/auth"}, auth)
	from := time.Now()
	for _, tag := range []string{"mine", "other", ""} {
		header := map[string]string{}
		if tag != "" {
			header[backend.TagHeader] = tag
		}
		if _, _, err := send(t, "GET", auth, "/"+tag, "", header); err != nil {
			t.Fatal(err)
		}
	}
	paths := func(w backend.Window) []string {
		var out []string
		for _, r := range farm.Ledger.Side("mine", "shop/auth", w) {
			out = append(out, r.Path)
		}
		return out
	}
	if diff := cmp.Diff([]string{"/mine", "/"}, paths(backend.Window{From: from, To: time.Now()})); diff != "" {
		t.Errorf("tagged, and untagged inside of the window, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/mine"}, paths(backend.Window{From: from.Add(-time.Hour), To: from})); diff != "" {
		t.Errorf("outside of the window, -want +got:\n%s", diff)
	}
	if got := farm.Ledger.Side("mine", "shop/app", backend.Window{From: from, To: time.Now()}); got != nil {
		t.Errorf("another Service's: %v", got)
	}
}
