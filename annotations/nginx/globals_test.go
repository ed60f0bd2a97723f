package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestHeadersOfTheConnectionAreNotSet(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		may    bool
	}{
		"an ordinary header may be set":             {"X-Cluster", true},
		"a header with an underscore may be set":    {"x_cluster", true},
		"Host decides the route":                    {"Host", false},
		"Transfer-Encoding belongs to the transfer": {"transfer-encoding", false},
		"Content-Length belongs to the transfer":    {"Content-Length", false},
		"a pseudo header is no header name":         {":path", false},
		"a name with a line break is none":          {"x\r\ny", false},
		"nothing is no name":                        {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := unsettable(c.header) == ""; got != c.may {
				t.Errorf("got %v, want %v", got, c.may)
			}
		})
	}
}

func TestRoomForTheHeadOfARequest(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  int
	}{
		"the controller's default":          {"4 8k", 32},
		"bytes are rounded up":              {"1 1500", 2},
		"megabytes count":                   {"2 1m", 2048},
		"more than the proxy has is capped": {"100 1m", 8192},
		"absurd numbers do not overflow":    {"9223372036854775807 9223372036854775807", 8192},
		"one word is no setting":            {"8k", 0},
		"no number is no setting":           {"four 8k", 0},
		"a unit that nginx lacks":           {"4 8b", 0},
		"nothing":                           {"", 0},
		"negative numbers":                  {"-4 8k", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := headKilobytes(c.value); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestStatusesOfErrorPages(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  []int
	}{
		"a list is sorted, each once":      {"503, 404,404", []int{404, 503}},
		"what is no error status is left":  {"200,399,400,599,600", []int{400, 599}},
		"what is no number is left":        {"4xx,,500", []int{500}},
		"two statuses without their comma": {"404503", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, statuses(c.value)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhoIsBelievedAboutTheClient(t *testing.T) {
	for name, c := range map[string]struct {
		settings map[string]string
		want     model.Forwarded
	}{
		"by default nobody": {nil, model.Forwarded{RealOnly: true}},
		"with use-forwarded-headers everybody": {map[string]string{"use-forwarded-headers": "true"},
			model.Forwarded{Trust: true}},
		"with enable-real-ip only about the address": {map[string]string{"enable-real-ip": "true", "forwarded-for-header": "CF-Connecting-IP"},
			model.Forwarded{Trust: true, RealOnly: true, Header: "cf-connecting-ip"}},
		"the full chain needs use-forwarded-headers": {map[string]string{"compute-full-forwarded-for": "true", "enable-real-ip": "true"},
			model.Forwarded{Trust: true, RealOnly: true}},
		"listed peers alone are believed": {map[string]string{"use-forwarded-headers": "true", "proxy-real-ip-cidr": "10.1.2.3/8, 192.0.2.1, 2001:db8::/32"},
			model.Forwarded{Trust: true, Proxies: []string{"10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"}}},
		"everybody in a list is everybody": {map[string]string{"use-forwarded-headers": "true", "proxy-real-ip-cidr": "10.0.0.0/8,0.0.0.0/0"},
			model.Forwarded{Trust: true}},
		"a list without a usable entry trusts nobody": {map[string]string{"use-forwarded-headers": "true", "proxy-real-ip-cidr": "nonsense"},
			model.Forwarded{}},
		"a header name that is none is not used": {map[string]string{"forwarded-for-header": "x)%REQ(cookie"}, model.Forwarded{RealOnly: true}},
	} {
		t.Run(name, func(t *testing.T) {
			e := annotations.NewEdge(Features(), DefaultPrefix)
			e.Settings, e.Findings, e.Model = &annotations.Settings{Values: c.settings}, &finding.List{}, &model.Edge{}
			forwarded(e)
			got := e.Model.Global.Forwarded
			got.Origin = model.Origin{}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCustomHeadersThatTheControllerRefuses(t *testing.T) {
	allowed := []string{"X-Team"}
	for name, c := range map[string]struct {
		header, value string
		want          string
	}{
		"a listed header passes":            {"X-Team", "shop $literal 100%", ""},
		"another case is another name":      {"x-team", "shop", "the header x-team is not listed in global-allowed-response-headers"},
		"a value with a line break":         {"X-Team", "a\nb", "the value of X-Team holds characters that the controller refuses"},
		"an empty value":                    {"X-Team", "", "the value of X-Team holds characters that the controller refuses"},
		"a name that no header has":         {"X Team", "a", `"X Team" is not a header name`},
		"letters beyond ASCII in the value": {"X-Team", "käse", "the value of X-Team holds characters that the controller refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refusedHeader(c.header, c.value, allowed)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
