package watch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ingress2gw/ingress2gw/operator/apply"
)

func live(uid, version, hash, content string) apply.Live {
	return apply.Live{
		Ref: apply.Ref{Kind: "Gateway", Namespace: "edge", Name: "g"}, UID: types.UID(uid), Version: version, Migration: "m", Edge: "live", Hash: hash, Content: content, Ours: true,
	}
}

func TestWhatWatchesSayLate(t *testing.T) {
	ref := live("", "", "", "").Ref
	none := apply.Live{}
	for name, tt := range map[string]struct {
		do   func(o *Outputs) (news bool)
		news bool
		want apply.Live
	}{
		"what was applied is no news":     {func(o *Outputs) bool { o.Applied(live("u", "5", "h", "h")); return o.Saw(live("u", "5", "h", "h")) }, false, live("u", "5", "h", "h")},
		"an older state is none":          {func(o *Outputs) bool { o.Applied(live("u", "5", "h", "h")); return o.Saw(live("u", "4", "x", "y")) }, false, live("u", "5", "h", "h")},
		"what somebody changed is":        {func(o *Outputs) bool { o.Applied(live("u", "5", "h", "h")); return o.Saw(live("u", "6", "h", "y")) }, true, live("u", "6", "h", "y")},
		"a new version of the same is no": {func(o *Outputs) bool { o.Applied(live("u", "5", "h", "h")); return o.Saw(live("u", "6", "h", "h")) }, false, live("u", "6", "h", "h")},
		"what nobody knew is":             {func(o *Outputs) bool { return o.Saw(live("u", "6", "h", "h")) }, true, live("u", "6", "h", "h")},
		"what was applied after a change": {func(o *Outputs) bool {
			o.Saw(live("u", "6", "h", "y"))
			o.Applied(live("u", "5", "h", "h"))
			return false
		}, false, live("u", "6", "h", "y")},
		"what is being applied is none": {func(o *Outputs) bool {
			o.Begin([]apply.Ref{ref}, nil)
			return o.Saw(live("u", "5", "changing", "h"))
		}, false, live("u", "5", "changing", "h")},
		"it is in the end if somebody changed it": {func(o *Outputs) bool {
			o.Begin([]apply.Ref{ref}, nil)
			o.Saw(live("u", "6", "h", "y"))
			o.Applied(live("u", "5", "h", "h"))
			return o.End(ref)
		}, true, live("u", "6", "h", "y")},
		"it is none if nobody did": {func(o *Outputs) bool {
			o.Begin([]apply.Ref{ref}, nil)
			o.Saw(live("u", "4", "changing", "h"))
			o.Applied(live("u", "5", "h", "h"))
			return o.End(ref)
		}, false, live("u", "5", "h", "h")},
		"what goes as it is to go": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Begin(nil, []apply.Ref{ref})
			gone := o.Gone(live("u", "6", "h", "h"))
			o.Removed(ref, "")
			return gone || o.End(ref)
		}, false, none},
		"what goes while it is applied": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Begin([]apply.Ref{ref}, nil)
			return o.Gone(live("u", "6", "h", "h"))
		}, true, none},
		"a deletion":      {func(o *Outputs) bool { o.Applied(live("u", "5", "h", "h")); return o.Gone(live("u", "6", "h", "h")) }, true, none},
		"an old deletion": {func(o *Outputs) bool { o.Applied(live("u2", "7", "h", "h")); return o.Gone(live("u", "6", "h", "h")) }, false, live("u2", "7", "h", "h")},
		"what was removed does not come back": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Removed(ref, "")
			return o.Saw(live("u", "5", "h", "h"))
		}, false, none},
		"another of the name does": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Removed(ref, "")
			return o.Saw(live("u2", "8", "h", "h"))
		}, true, live("u2", "8", "h", "h")},
		"what was handed over does not": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Removed(ref, "6")
			return o.Saw(live("u", "5", "h", "h")) || o.Gone(live("u", "6", "", ""))
		}, false, none},
		"but does when it is taken back": {func(o *Outputs) bool {
			o.Applied(live("u", "5", "h", "h"))
			o.Removed(ref, "6")
			o.Applied(live("u", "7", "h", "h"))
			return o.Saw(live("u", "8", "h", "y")) && !o.Gone(live("u", "6", "", ""))
		}, true, live("u", "8", "h", "y")},
	} {
		t.Run(name, func(t *testing.T) {
			o := &Outputs{}
			if got := tt.do(o); got != tt.news {
				t.Errorf("news: %v", got)
			}
			var got apply.Live
			for _, l := range o.List("m", "live") {
				got = l
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	o := &Outputs{}
	o.Applied(live("u", "5", "h", "h"))
	o.Forget(ref.GVK())
	if len(o.List("m", "live")) > 0 || o.Waits() {
		t.Error("objects of a kind that is gone are still there")
	}
	o.Applied(live("u", "5", "h", "h"))
	if len(o.List("other", "live"))+len(o.List("m", "shadow")) > 0 {
		t.Error("it is listed for others")
	}
}

func TestWhatNoWatchTellsOf(t *testing.T) {
	for name, tt := range map[string]struct {
		do     func(o *Outputs)
		unseen bool
		there  bool
	}{
		"what was applied":                     {func(*Outputs) {}, true, true},
		"what a watch told of":                 {func(o *Outputs) { o.Saw(live("u", "5", "h", "h")) }, false, true},
		"what a watch told of later":           {func(o *Outputs) { o.Saw(live("u", "6", "h", "h")) }, false, true},
		"what a watch told of earlier":         {func(o *Outputs) { o.Saw(live("u", "4", "h", "h")) }, true, true},
		"what was looked at and is there":      {func(o *Outputs) { o.Looked(live("u", "5", "h", "h"), true) }, true, true},
		"what was looked at and is gone":       {func(o *Outputs) { o.Looked(live("u", "5", "h", "h"), false) }, false, false},
		"what was looked at before it changed": {func(o *Outputs) { o.Looked(live("u", "4", "h", "h"), false) }, true, true},
		"what was looked at before a watch told of it": {func(o *Outputs) {
			o.Saw(live("u", "5", "h", "h"))
			o.Looked(live("u", "5", "h", "h"), false)
		}, false, true},
		"what was removed": {func(o *Outputs) { o.Removed(live("u", "5", "h", "h").Ref, "") }, false, false},
		"what was applied without a change": {func(o *Outputs) {
			o.Saw(live("u", "5", "h", "h"))
			o.Applied(live("u", "5", "h", "h"))
		}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := &Outputs{}
			o.Applied(live("u", "5", "h", "h"))
			tt.do(o)
			if got := o.Waits(); got != tt.unseen || got != (len(o.Unseen(0)) > 0) {
				t.Errorf("waits: %v, %v", got, o.Unseen(0))
			}
			if got := len(o.List("m", "live")) > 0; got != tt.there {
				t.Errorf("there: %v", got)
			}
			if some := o.Unseen(time.Hour); len(some) > 0 {
				t.Errorf("it is looked for at once: %v", some)
			}
		})
	}
}
