package phase

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// parse reads "name hosts wanted [was] [blocked]": wanted with a ! is the Ingress's own word.
func parse(lines ...string) (all []Ingress) {
	for _, l := range lines {
		f := strings.Fields(l)
		x := Ingress{Key: f[0], Hosts: strings.Split(f[1], ","), Explicit: strings.HasSuffix(f[2], "!"), Wanted: v1alpha1.Phase(strings.TrimSuffix(f[2], "!"))}
		for _, w := range f[3:] {
			if w == "blocked" {
				x.Blocked = true
			} else {
				x.Was = v1alpha1.Phase(w)
			}
		}
		all = append(all, x)
	}
	return all
}

func TestDecide(t *testing.T) {
	for name, tt := range map[string]struct {
		in   []string
		want string
	}{
		"what is wanted is done":                               {[]string{"a h preview", "b i live!", "c j shadow!", "d k excluded!", "e l released!"}, "a=preview b=live c=shadow d=excluded e=released"},
		"a host waits for all its Ingresses":                   {[]string{"a h live!", "b h preview"}, "a=preview(Waiting b) b=preview"},
		"and goes as far as all want":                          {[]string{"a h live!", "b h shadow!"}, "a=shadow(Waiting b) b=shadow"},
		"through a third host":                                 {[]string{"a h live!", "b h,i live!", "c i preview"}, "a=preview(Waiting b) b=preview(Waiting c) c=preview"},
		"those that are excluded do not count":                 {[]string{"a h live!", "b h excluded!"}, "a=live b=excluded"},
		"who is alone on a host leaves it when it is excluded": {[]string{"a h excluded! live", "b i excluded! released", "c j excluded! shadow"}, "a=excluded b=excluded c=excluded"},
		"and comes back at once":                               {[]string{"a h live! excluded", "b i released! excluded"}, "a=live b=released"},
		"but not from those that stay":                         {[]string{"a h live! live", "b h excluded! live"}, "a=live b=live(Waiting a)"},
		"nor from those that are released":                     {[]string{"a h released! released", "b h excluded! released"}, "a=released b=released(Waiting a)"},
		"nor when they go back from there":                     {[]string{"a h live! released", "b h excluded! released"}, "a=live b=live(Waiting a)"},
		"it goes with the last of them":                        {[]string{"a h excluded! live", "b h excluded! live"}, "a=excluded b=excluded"},
		"or when the host is taken back":                       {[]string{"a h preview! live", "b h excluded! live"}, "a=preview b=excluded"},
		"as far as the shadow":                                 {[]string{"a h shadow! live", "b h excluded! live"}, "a=shadow b=excluded"},
		"by whomever":                                          {[]string{"a h,i live! live", "b h excluded! live", "c i preview! live"}, "a=preview(Waiting c) b=excluded c=preview"},
		"newcomers keep nobody":                                {[]string{"a h live!", "b h excluded! live"}, "a=live b=excluded"},
		"a lost protection keeps its host back":                {[]string{"a h live! blocked", "b h live!", "c i live!"}, "a=shadow(Blocked) b=shadow(Blocked a) c=live"},
		"but not one that is live":                             {[]string{"a h live! live blocked"}, "a=live"},
		"a newcomer without a word joins a live host":          {[]string{"a h live! live", "b h preview"}, "a=live b=live"},
		"one with a word of its own stays away":                {[]string{"a h live! live", "b h preview!"}, "a=live b=preview"},
		"one with a lost protection joins closed":              {[]string{"a h live! live", "b h live! blocked"}, "a=live b=live"},
		"a newcomer cannot pull in another host":               {[]string{"a h live! live", "b i preview preview", "x h,i preview"}, "a=live b=preview x=preview"},
		"nor with a word of its own":                           {[]string{"a h live! live", "b i preview preview", "x h,i live!"}, "a=live b=preview x=preview(Waiting b)"},
		"whoever is on a host takes it back":                   {[]string{"a h live! live", "b h preview! live"}, "a=preview(Waiting b) b=preview"},
		"and all hosts that hang together":                     {[]string{"a h preview! live", "b h,i live! live", "c i live! live"}, "a=preview b=preview(Waiting a) c=preview(Waiting b)"},
		"without the annotation the default holds again":       {[]string{"a h preview live"}, "a=preview"},
		"one of several without it stays with the others":      {[]string{"a h live! live", "b h preview live"}, "a=live b=live"},
		"released waits too":                                   {[]string{"a h released! live", "b h live! live"}, "a=live(Waiting b) b=live"},
		"and goes back":                                        {[]string{"a h live! released"}, "a=live"},
		"an Ingress without a host is not held by a lost one":  {[]string{"a * live!", "b h live! blocked"}, "a=live b=shadow(Blocked)"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, text(Decide(parse(tt.in...), true))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func text(ds map[string]Decision) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(ds)) {
		d := ds[k]
		s := k + "=" + string(d.Phase)
		if d.Reason != "" {
			s += "(" + strings.TrimSpace(d.Reason+" "+d.Because) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestWithoutAShadowGatewayThereIsNoShadow(t *testing.T) {
	got := text(Decide(parse("a h shadow!", "b i live! blocked", "c j live!"), false))
	if diff := cmp.Diff("a=preview(NoShadowGateway) b=preview(Blocked) c=live", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAStrangerTakesNothingDown adds Ingresses that nobody knew to any state and demands that whoever is live stays live.
func TestAStrangerTakesNothingDown(t *testing.T) {
	phases := []v1alpha1.Phase{v1alpha1.PhasePreview, v1alpha1.PhaseShadow, v1alpha1.PhaseLive, v1alpha1.PhaseReleased}
	hosts := []string{"h", "i", "j", "k"}
	draw := func(r *rapid.T, key string) Ingress {
		return Ingress{
			Key: key, Hosts: rapid.SliceOfNDistinct(rapid.SampledFrom(hosts), 1, 3, rapid.ID).Draw(r, "hosts"),
			Wanted: rapid.SampledFrom(phases).Draw(r, "wanted"), Explicit: rapid.Bool().Draw(r, "explicit"), Blocked: rapid.Bool().Draw(r, "blocked"),
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		var all []Ingress
		for i := range rapid.IntRange(1, 6).Draw(r, "n") {
			all = append(all, draw(r, string(rune('a'+i))))
		}
		settle := func() map[string]Decision {
			for range 10 {
				ds := Decide(all, true)
				same := true
				for i := range all {
					same = same && all[i].Was == ds[all[i].Key].Phase
					all[i].Was = ds[all[i].Key].Phase
				}
				if same {
					return ds
				}
			}
			r.Fatalf("the phases do not settle: %+v", all)
			return nil
		}
		before := settle()
		for i := range rapid.IntRange(1, 3).Draw(r, "strangers") {
			all = append(all, draw(r, string(rune('x'+i))))
		}
		after := settle()
		for k, d := range before {
			if Rank(after[k].Phase) < Rank(d.Phase) {
				r.Errorf("%s was %s and is %s: %+v", k, d.Phase, after[k].Phase, all)
			}
		}
	})
}
