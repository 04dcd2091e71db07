// Command sprite makes static/icons.svg of the vendored Lucide icons: one <symbol> per file, named after it; ui.Icon
// draws the strokes. To add an icon, copy its SVG into static/vendor/lucide/icons, run go generate ./static, and
// renew vendor/CHECKSUMS (the vendor test prints the line).
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	body   = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	spaces = regexp.MustCompile(`>\s+<`)
)

func main() {
	files, err := filepath.Glob("vendor/lucide/icons/*.svg")
	if err != nil || len(files) == 0 {
		log.Fatalf("sprite: no icons found: %v", err)
	}
	var out bytes.Buffer
	out.WriteString("<!-- Lucide icons, ISC licence: vendor/lucide/LICENSE. Made by go generate ./static -->\n")
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">` + "\n")
	for _, file := range files {
		svg, err := os.ReadFile(file)
		if err != nil {
			log.Fatalf("sprite: %v", err)
		}
		found := body.FindSubmatch(svg)
		if found == nil {
			log.Fatalf("sprite: %s holds no <svg>", file)
		}
		inner := spaces.ReplaceAllString(strings.TrimSpace(string(found[1])), "><")
		fmt.Fprintf(&out, `<symbol id="%s" viewBox="0 0 24 24">%s</symbol>`+"\n",
			strings.TrimSuffix(filepath.Base(file), ".svg"), inner)
	}
	out.WriteString("</svg>\n")
	if err := os.WriteFile("icons.svg", out.Bytes(), 0o644); err != nil {
		log.Fatalf("sprite: %v", err)
	}
}
