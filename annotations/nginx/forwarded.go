package nginx

import (
	"net/netip"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Forwarded says whose word about the client is believed. By default nobody's: nginx replaces X-Forwarded-For, -Host, -Port,
// -Proto and X-Real-IP by what it sees itself.
var Forwarded = annotations.Feature{
	Name: "forwarded",
	Settings: []annotations.Setting{
		{Name: "use-forwarded-headers", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc:  "Believes X-Forwarded-For, -Host, -Port and -Proto of the peer.",
			Note: "the gateway believes the proxy in front of it"},
		{Name: "proxy-real-ip-cidr", Syntax: "list of networks and addresses", Default: "0.0.0.0/0", Class: finding.Approximate,
			Doc:  "Peers whose word is believed about the client's address.",
			Note: "address lists believe only these peers; the headers that backends get believe every peer"},
		{Name: "enable-real-ip", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc:  "Believes the client's address alone, not host, port and scheme.",
			Note: "the gateway believes the address that the proxy in front of it sends, nothing else"},
		{Name: "forwarded-for-header", Syntax: "header name", Default: "X-Forwarded-For", Class: finding.Exact,
			Doc: "Header that carries the client's address.", Note: "the address is taken from this header"},
		{Name: "forwarded-host-header", Syntax: "header name", Default: "X-Forwarded-Host", Class: finding.Exact,
			Doc: "Header whose value backends get in X-Original-Forwarded-Host.", Note: "X-Original-Forwarded-Host is taken from this header"},
		{Name: "compute-full-forwarded-for", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc: "Appends the peer to X-Forwarded-For instead of replacing it.", Note: "the gateway appends the peer, without a space behind the comma"},
	},
	Edge: forwarded,
}

const (
	oneHop = "the client's address is the last entry of the header, which the proxy in front of the gateway wrote; ingress-nginx goes on to the left over all " +
		"trusted entries. With several proxies in front raise the number of trusted hops (xff_num_trusted_hops in EnvoyFilter i2g-hcm) by hand"
	anyPeer = "the headers that backends get (X-Real-IP, X-Forwarded-For) believe every peer, only address lists do not"
)

// forwarded fills Global.Forwarded.
func forwarded(e *annotations.Edge) {
	all, address := e.SettingBool("use-forwarded-headers"), e.SettingBool("enable-real-ip")
	f := &e.Model.Global.Forwarded
	f.Trust, f.RealOnly = all || address, !all
	f.Append = all && e.SettingBool("compute-full-forwarded-for")
	if h := e.SettingText("forwarded-for-header"); sendableHeader(h) && !strings.EqualFold(h, "X-Forwarded-For") {
		f.Header = strings.ToLower(h)
	}
	if h := e.SettingText("forwarded-host-header"); sendableHeader(h) && !strings.EqualFold(h, "X-Forwarded-Host") {
		f.HostHeader = strings.ToLower(h)
	}
	var everybody bool
	if f.Proxies, everybody = trustedProxies(e); len(f.Proxies) == 0 && !everybody {
		f.Trust = false // nobody is left to be believed
	}
	for _, s := range []string{"enable-real-ip", "use-forwarded-headers"} {
		if e.HasSetting(s) {
			f.Origin = e.Settings.Origin(s)
		}
		if f.Trust && e.SettingBool(s) {
			state(e, "Forwarded", s)
			e.Corner(s, oneHop)
		}
	}
	if e.HasSetting("compute-full-forwarded-for") && !f.Append {
		e.Setting(finding.Noop, "compute-full-forwarded-for", "it needs use-forwarded-headers")
	}
	reportProxies(e, f)
}

func reportProxies(e *annotations.Edge, f *model.Forwarded) {
	const setting = "proxy-real-ip-cidr"
	switch {
	case !e.HasSetting(setting):
	case !f.Trust:
		e.Setting(finding.Noop, setting, "no forwarded header is believed")
	case len(f.Proxies) == 0:
		e.Setting(finding.Exact, setting, "every peer is believed")
	default:
		e.Setting(finding.Exact, setting, "address lists believe only these peers")
		e.Corner(setting, anyPeer)
	}
}

// trustedProxies are the networks of proxy-real-ip-cidr, or everybody.
func trustedProxies(e *annotations.Edge) (out []string, everybody bool) {
	for _, s := range annotations.SplitList(e.SettingText("proxy-real-ip-cidr")) {
		p, err := netip.ParsePrefix(s)
		if a, errAddr := netip.ParseAddr(s); errAddr == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			e.Findings.Report(finding.SettingInvalid, e.Settings.Origin("proxy-real-ip-cidr"), "proxy-real-ip-cidr", annotations.Quote(s), "no address or network")
			continue
		}
		if p.Bits() == 0 && p.Addr().Is4() {
			return nil, true
		}
		out = append(out, p.Masked().String())
	}
	return out, false
}
