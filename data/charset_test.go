package data

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"

	"github.com/olorin-dev/olorin"
)

// letters is a file in an encoding, of rows in which each text stands once.
func letters(t *testing.T, in encoding.Encoding, texts ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("user_id;Straße;amount\r\n")
	for i, text := range texts {
		fmt.Fprintf(&b, "u%d;%s;%d,50\r\n", i, text, i)
	}
	s, err := encoding.ReplaceUnsupported(in.NewEncoder()).String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWindows1252IsReadAndTold(t *testing.T) {
	e := openEngine(t)
	for i, words := range [][]string{
		{"München", "\"Größe; klein\"", "100 €", "Weiß", "Jörg"},
		{"café", "l’été", "Noël – déjà", "«où»"},
		{"São João", "coração", "España", "¿qué?", "Ångström"},
		{"Þórður", "Jón", "Sæmundur", "Háöld", "Geirlaugsá"},
	} {
		id := fmt.Sprintf("d%d", i)
		d, err := e.Import(context.Background(), strings.NewReader(letters(t, charmap.Windows1252, words...)), ImportOptions{ID: id})
		if err != nil {
			t.Errorf("%v: %v", words, err)
			continue
		}
		if d.Encoding == nil || d.Encoding.Name != "windows-1252" || d.Encoding.Line != 1 || d.Encoding.Confidence < minCharset || d.Encoding.Confidence >= 1 || !slices.Contains(d.Encoding.Examples, "Straße") {
			t.Errorf("%v: told as %+v", words, d.Encoding)
		}
		rows, err := e.Preview(context.Background(), d, 10)
		if err != nil {
			t.Fatal(err)
		}
		for k, row := range rows {
			if got, want := *row.Fields["Straße"], strings.Trim(words[k], `"`); got != want {
				t.Errorf("row %d: read %q, want %q", k+1, got, want)
			}
		}
	}

	// The first such character may stand far behind what is looked at first; rows that are set aside are read alike.
	late := "user_id,city,amount\n" + strings.Repeat("u1,Berlin,1\n", 60_000) + "u2,K\xf6ln,2\nu3,K\xf6ln\n"
	d, err := e.Import(context.Background(), strings.NewReader(late), ImportOptions{ID: "late", SkipMalformed: true})
	if err != nil || d.Rows != 60_001 || d.Encoding == nil || d.Encoding.Line != 60_002 {
		t.Fatalf("%d rows, %+v, %v", d.Rows, d.Encoding, err)
	}
	if aside, err := e.Rejected("late", 5); err != nil || len(aside) != 1 || aside[0].Text != "u3,Köln" {
		t.Errorf("set aside %+v, %v", aside, err)
	}
	if d, err := e.Import(context.Background(), strings.NewReader("user_id,city\nu1,Köln\n"), ImportOptions{ID: "utf8"}); err != nil || d.Encoding != nil {
		t.Errorf("UTF-8 is told as %+v, %v", d.Encoding, err)
	}
}

func TestOtherEncodingsAreNotTakenForWindows1252(t *testing.T) {
	e := openEngine(t)
	for name, file := range map[string]string{
		"Cyrillic":  letters(t, charmap.Windows1251, "Москва", "Санкт-Петербург", "Казань"),
		"Greek":     letters(t, charmap.Windows1253, "Αθήνα", "Θεσσαλονίκη", "Πάτρα"),
		"Turkish":   letters(t, charmap.Windows1254, "Eskişehir", "Iğdır", "Şanlıurfa", "Beşiktaş", "Kadıköy"),
		"Polish":    letters(t, charmap.Windows1250, "Łódź", "Gdańsk", "Wąbrzeźno", "Święta", "Żółty"),
		"Macintosh": letters(t, charmap.Macintosh, "München", "Köln", "Größe", "Jäger"),
		"DOS":       letters(t, charmap.CodePage850, "München", "Köln", "Jäger"),
		"Japanese":  letters(t, japanese.ShiftJIS, "東京都千代田区", "大阪", "名古屋市"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Import(context.Background(), strings.NewReader(file), ImportOptions{ID: "d"})
			if olorin.CodeOf(err) != olorin.CodeDatasetInvalid || !strings.Contains(err.Error(), "Windows-1252") {
				t.Errorf("error %v", err)
			}
			if left := files(t, e); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
