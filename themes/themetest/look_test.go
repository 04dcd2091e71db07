package themetest_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/themes/themetest"
)

var (
	look  = flag.String("look", "", "folder to put images of every page of every engine into")
	only  = flag.String("only", "", "words that the names of the images to take contain, by commas")
	serve = flag.String("serve", "", "address to serve every page of every engine on")
)

// TestLook takes images for people to judge. It only runs when asked to:
//
//	go test ./themes/themetest -run Look -look images
//	go test ./themes/themetest -run Look -serve localhost:4000 -timeout 0
func TestLook(t *testing.T) {
	if *look == "" && *serve == "" {
		t.Skip("no -look, no -serve")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/static/", func(w http.ResponseWriter, r *http.Request) {
		f, ok := static.Open(r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", f.ContentType)
		_, _ = w.Write(f.Content)
	})
	var names []string
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		for _, v := range slices.Concat(themetest.Views(e), themetest.Corners(e), dark(e)) {
			name := strings.ReplaceAll(string(e.Name())+" "+v.Name, " ", "-")
			names = append(names, name)
			css := themes.Stylesheet(e, v.Shop.Settings)
			mux.HandleFunc("/"+name+".css", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/css; charset=utf-8")
				_, _ = w.Write([]byte(css))
			})
			v.Shop.Stylesheet = "/" + name + ".css"
			mux.Handle("/"+name, templ.Handler(v.Component()))
		}
	}
	if *serve != "" {
		for _, name := range names {
			fmt.Printf("http://%s/%s\n", *serve, name)
		}
		t.Fatal(http.ListenAndServe(*serve, mux))
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	if err := os.MkdirAll(*look, 0o755); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
			file := fmt.Sprintf("%s-%d", name, size[0])
			if !wanted(file) {
				continue
			}
			if err := shoot(t, ctx, server.URL+"/"+name, filepath.Join(*look, file+".png"), size); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func wanted(name string) bool {
	for word := range strings.SplitSeq(*only, ",") {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

func shoot(t *testing.T, ctx context.Context, url, file string, size [2]int64) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(size[0], size[1]), chromedp.Navigate(url)); err != nil {
		return err
	}
	shift, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`document.fonts.ready.then(() => new Promise(done => {
		let sum = 0
		const add = list => { for (const e of list.getEntries()) sum += e.value }
		new PerformanceObserver(add).observe({type: "layout-shift", buffered: true})
		setTimeout(() => done(sum), 200)
	}))`, chromedp.EvalAwaitPromise))
	if err != nil {
		return err
	}
	overflow, err := chromedp.Run(ctx, chromedp.Evaluate[float64](
		`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if err != nil {
		return err
	}
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	if shift > 0 || overflow > 0 {
		t.Logf("%s at %d: layout shift %.4f, %g px too wide", url, size[0], shift, overflow)
	}
	return os.WriteFile(file, image, 0o644)
}

// dark is the ordinary home and product page in dark colors.
func dark(e themes.Engine) []themetest.View {
	var out []themetest.View
	for _, v := range themetest.Views(e) {
		v.Name = "dark " + v.Name
		v.Shop.Settings = e.Schema().Resolve(orbit.Settings{"background": "#14151a", "text": "#eeeae2", "surface": "#22242c",
			"accent": "#c9b28a", "hero_color": "#2b3350", "overlay": "#14151a", "footer_color": "#000000"})
		out = append(out, v)
	}
	return out
}
