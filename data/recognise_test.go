package data

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

func TestColumnsAreRecognised(t *testing.T) {
	e := openEngine(t)
	for i, tc := range []struct {
		name, header string
		rows         []string
		want         string // canonicals by source, "" where none
	}{
		{
			"Sparkov", "Unnamed: 0,trans_date_trans_time,cc_num,merchant,category,amt,first,last,city,state,lat,long,dob,trans_num,unix_time,merch_lat,merch_long,is_fraud",
			[]string{"0,2019-01-01 00:00:18,2703186189652095,fraud_Rippin,misc_net,4.97,Jennifer,Banks,Moravian Falls,NC,36.0788,-81.1781,1988-03-09,0b242abb623afc578575680df30655b9,1325376018,36.011293,-82.048315,0"},
			",event_time,card_number,merchant_id,merchant_category,amount,person_name,,city,region,latitude,longitude,date_of_birth,transaction_id,,merchant_latitude,merchant_longitude,label",
		},
		{
			"PaySim", "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud",
			[]string{"1,PAYMENT,9839.64,C1231006815,170136.0,160296.36,M1979787155,0.0,0.0,0,0", "743,TRANSFER,181.0,C1305486145,181.0,0.0,C553264065,0.0,0.0,1,0"},
			"event_time,event_type,amount,account_id,balance_before,balance_after,counterparty_id,counterparty_balance_before,counterparty_balance_after,label,label",
		},
		{
			"RBA log-ins", "index,Login Timestamp,User ID,IP Address,Country,Region,City,ASN,User Agent String,Device Type,Login Successful,Is Attack IP,Is Account Takeover",
			[]string{"0,2020-02-03 12:43:30.772,-4324475583306591935,10.0.65.171,NO,-,-,29695,Mozilla/5.0 (iPhone),mobile,False,False,False"},
			",event_time,user_id,ip_address,country,region,city,asn,user_agent,device_type,status,label,label",
		},
		{
			"AMLSim", "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id",
			[]string{"1,6456,9069,TRANSFER,465.05,2017-01-01T00:00:00Z,False,-1"},
			"transaction_id,account_id,counterparty_id,event_type,amount,event_time,label,",
		},
		{"Handbook: seconds and days do not beat the date", "TX_TIME_SECONDS,TX_TIME_DAYS,TX_DATETIME,TX_FRAUD_SCENARIO", []string{"31,0,2018-04-01 00:00:31,0"}, ",,event_time,label"},
		{
			"by content alone", "a,b,c,d,e",
			[]string{"x@y.org,10.0.0.1,2026-01-01 10:00,434505******9116,Mozilla/5.0 (X11)", "z@y.org,10.0.0.2,2026-01-01 10:00,434505******9117,Mozilla/5.0 (X11)", "z@y.org,10.0.0.2,2026-01-01 10:00,434505******9117,Mozilla/5.0 (X11)", "z@y.org,10.0.0.2,2026-01-01 10:00,434505******9117,Mozilla/5.0 (X11)", "z@y.org,10.0.0.2,2026-01-01 10:00,434505******9117,Mozilla/5.0 (X11)"},
			"email,ip_address,event_time,card_number,user_agent",
		},
		{"names that the values refute", "amount,email,ip,timestamp,user_id", []string{"red,n.a.,red,soon,u1", "blue,none given,blue,later,u2"}, ",,,,user_id"},
		{
			"German names, decimals and dates", "Vorgang;Zeitpunkt;Kunde;Händler;Betrag;Währung;Land;Breitengrad;Längengrad;IP-Adresse;Gerät;Betrug",
			[]string{"V1;31.12.2026 23:59;K1;H1;1.234,50;EUR;DE;52,52;13,40;10.0.0.1;G1;0", "V2;01.01.2027 00:10;K2;H1;9,99;EUR;AT;48,21;16,37;10.0.0.2;G2;1"},
			"transaction_id,event_time,user_id,merchant_id,amount,currency,country,latitude,longitude,ip_address,device_id,label",
		},
		{
			"Spanish names and words", "fecha_hora;numero_abonado;tipo_evento;importe;celda;imei;estado;numero_destino",
			[]string{"01/03/2026 06:00:15;34673044698;RECARGA;10,00;C042;350983184943704;EXITOSA;", "01/03/2026 06:03:09;34632580007;RECARGA;20,00;C017;359590718734231;FALLIDA;34632580008", "13/03/2026 06:03:09;34632580007;LLAMADA;20,00;C017;359590718734231;EXITOSA;34632580008", "13/03/2026 06:03:09;34632580007;LLAMADA;20,00;C017;359590718734231;EXITOSA;34632580008", "13/03/2026 06:03:09;34632580007;LLAMADA;20,00;C017;359590718734231;EXITOSA;34632580008"},
			"event_time,user_id,event_type,amount,,device_id,status,counterparty_id",
		},
		{"a Spanish state of a country", "cliente,estado", []string{"c1,Jalisco", "c2,Puebla"}, "user_id,region"},
		{"French names", "Date opération;Sens;Libellé contrepartie;Montant réclamé;N° police;Nom;Téléphone", []string{"01/01/2026 06:00;DÉBIT;Netflix;-28,29;P1;Petit;0688989828", "13/01/2026 06:24;CRÉDIT;Carrefour;52,76;P2;Roux;0688989829"}, "event_time,event_type,counterparty_id,amount,account_id,person_name,phone_number"},
		{"Portuguese names, day and time apart", "Data|Hora|ID Cliente|Tipo Transação|Valor|Endereço IP|ID Dispositivo|Situação", []string{"05-01-2026|06:05:44|326|RESGATE|136,20|179.225.45.130|cea7|Aprovada", "15-01-2026|06:05:44|327|RESGATE|16,20|179.225.45.131|cea8|Recusada"}, "event_time,,user_id,event_type,amount,ip_address,device_id,status"},
		{"Italian and Dutch names", "data_ora,codice,importo,rekeningnummer,klantnummer,valuta,esito", []string{"2026-01-05 06:05:44,x,1.5,r1,k1,EUR,approvato", "2026-01-05 06:05:44,y,2.5,r2,k2,EUR,respinto"}, "event_time,,amount,account_id,user_id,currency,status"},
		{"a payroll", "date,emp_no,entry,net_pay_gbp,bank_acct", []string{"16 Jan 2025,E1,BANK_CHANGE,0.00,GB76LOYD18318214225896", "23 Jan 2025,E2,EXPENSE,5.38,GB20BARC34824182572242"}, "event_time,user_id,event_type,amount,account_id"},
		{"data that are no day", "data,data_usage,timestamp", []string{"abc,12,2026-01-05 06:05:44", "abd,13,2026-01-05 06:05:45"}, ",,event_time"},
		{
			"IBM's card transactions", "User,Card,Year,Month,Day,Time,Amount,Use Chip,Merchant Name,MCC,Is Fraud?",
			[]string{"7,0,2024,3,9,06:21,$134.09,Swipe Transaction,3527213246127876953,5300,No", "7,1,2024,12,10,16:21,$14.09,Swipe Transaction,3527213246127876953,5300,No"},
			"user_id,card_number,event_time,,,,amount,,merchant_id,merchant_category,label",
		},
		{
			"claims", "ClaimID,PolicyHolderID,policy_bind_date,ClaimDate,ClaimAmount,ProviderID,ClaimStatus,applicant_dob,agent_email,applicant_email",
			[]string{"C1,P1,2014-10-17,05/03/2024,749.53,R1,Denied,1980-01-01,a@b.c,p1@x.org", "C2,P2,2014-10-17,15/03/2024,7.53,R1,Approved,1980-01-01,a@b.c,p2@x.org"},
			"transaction_id,user_id,,event_time,amount,merchant_id,status,date_of_birth,,email",
		},
		{
			"an access log", "ClientIP,EdgeEndTimestamp,EdgeStartTimestamp,EdgeResponseStatus,ClientCountry,ClientASN,keep_alive_session",
			[]string{"192.0.2.1,2024-03-01T10:00:00Z,2024-03-01T10:00:00Z,200,de,3320,1", "192.0.2.2,2024-03-01T10:00:00Z,2024-03-01T10:00:00Z,401,us,3320,1"},
			"ip_address,,event_time,status,ip_country,asn,",
		},
		{"a first name alone names nobody", "user_id,first_name", []string{"u1,Ann"}, "user_id,"},
		{"an order's number is no name", "Name,Email", []string{"#1001,a@b.c", "#1002,b@b.c"}, ",email"},
		{"orders are made more than once", "user_id,created_at,amount", []string{"u1,2026-01-01,1", "u1,2026-01-02,2", "u2,2026-01-02,2"}, "user_id,event_time,amount"},
		{"an account is made once", "user_id,created_at,amount", []string{"u1,2026-01-01,1", "u1,2026-01-01,2", "u2,2026-01-02,2"}, "user_id,signup_time,amount"},
		{"a receiver's address is not the sender's", "From Email Address,To Email Address,Gross", []string{"a@b.c,shop@b.c,1.5"}, "email,counterparty_id,amount"},
		{"creation beside an event", "created_at,timestamp", []string{"2026-01-01,2026-01-02"}, "signup_time,event_time"},
		{"a label by its values", "user_id,zz", []string{"u1,Fraud", "u2,Legit"}, "user_id,label"},
		{"a status that nobody can read is one", "user_id,status,result", []string{"u1,0,1", "u2,1,0"}, "user_id,status,"},
		{"numbers of telephones that pay", "txn,payer_msisdn,payee_msisdn,authorised,payment_card,agent_id", manyRows(30, "t%[1]d,+49151000%03[1]d,+49161000%03[1]d,%[2]s,tok_%[1]d,a%[1]d", "true", "false"), "transaction_id,account_id,counterparty_id,status,card_number,merchant_id"},
		{"a kind is no id, and numbers are", "Vorgang,Bon-Nr,betrag", manyRows(200, "%[2]s,40%04[1]d,%[1]d.50", "VERKAUF", "STORNO"), "event_type,transaction_id,amount"},
		{"numbers that come again are no ids", "zz-nr,betrag", manyRows(200, "%[2]s,%[1]d.50", "100001", "100002"), ",amount"},
		{"what all rows have is no device", "actor.id,client.id,client.device", manyRows(30, "a%[1]d,c%[1]d,Computer", ""), "user_id,device_id,"},
		{"a client without an actor", "client.id,amount", manyRows(30, "c%[1]d,%[1]d", ""), "user_id,amount"},
		{"epochs under names of their makers", "blk_time,tries", manyRows(30, "17750003%02[1]d,%[1]d", ""), "event_time,"},
		{"epochs of milliseconds without a name", "zz,tries", manyRows(30, "17672256829%02[1]d,%[1]d", ""), "event_time,"},
		{"numbers as large as epochs", "zz,item_ref", manyRows(30, "10000000%02[1]d,17672256%02[1]d", ""), ","},
		{"days as spreadsheets write them", "date,amount", manyRows(30, "460%02[1]d,%[1]d", ""), "event_time,amount"},
		{"chargebacks among events are no label", "user_id,type", []string{"u1,purchase", "u2,chargeback"}, "user_id,event_type"},
		{"a class of goods is no label", "user_id,class", func() []string {
			var rows []string
			for i := range 30 {
				rows = append(rows, fmt.Sprintf("u%d,class %d", i, i))
			}
			return rows
		}(), "user_id,"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := importText(t, e, fmt.Sprintf("d%d", i), tc.header+"\n"+strings.Join(tc.rows, "\n")+"\n")
			var got []string
			for _, c := range d.Columns {
				if c.Label {
					got = append(got, "label")
				} else {
					got = append(got, c.Canonical)
				}
				if (c.Canonical == "") != (c.Confidence == 0) || c.Confidence < 0 || c.Confidence > 1 {
					t.Errorf("%s is %q with confidence %v", c.Source, c.Canonical, c.Confidence)
				}
			}
			if s := strings.Join(got, ","); s != tc.want {
				t.Errorf("got  %s\nwant %s", s, tc.want)
			}
		})
	}
}

// manyRows are n rows, made of their number and one of some words.
func manyRows(n int, format string, words ...string) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(format+"%.0[2]s", i, words[i%len(words)])
	}
	return rows
}

func TestSamplesOfFewWordsAreTheMostFrequent(t *testing.T) {
	d := importText(t, openEngine(t), "d", "user_id,event_type,pin\n"+strings.Repeat("u1,DÉBIT,1\n", 3)+"u2,STORNO,1\n"+strings.Repeat("u3,CRÉDIT,1\n", 600))
	if got := fmt.Sprint(d.Columns[1].Samples, d.Columns[2].Samples); got != "[CRÉDIT DÉBIT STORNO] []" {
		t.Errorf("samples %s", got)
	}
}

func TestAliasesAreUnambiguous(t *testing.T) {
	for alias, canonicals := range aliases {
		strong := 0
		for _, confidence := range canonicals {
			if confidence >= 0.85 {
				strong++
			}
		}
		if strong > 1 {
			t.Errorf("%q is a sure name of %d columns: %v", alias, strong, canonicals)
		}
		if labelNames[alias] {
			t.Errorf("%q is both a label and an alias of %v", alias, canonicals)
		}
	}
}

func TestMappingByHand(t *testing.T) {
	e := openEngine(t)
	file := "user_id,when_it_was,sum_of_it,amount,is_fraud\nu1,2026-01-01,5,7,0\n"
	d, err := e.Import(context.Background(), strings.NewReader(file), ImportOptions{ID: "d", Mapping: map[string]string{"event_time": "when_it_was", "amount": "sum_of_it", "user_id": ""}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(mapped(d)); got != "map[is_fraud:label sum_of_it:amount when_it_was:event_time]" {
		t.Errorf("mapped %s", got)
	}
	if d.Columns[2].Confidence != 1 {
		t.Errorf("confidence %v", d.Columns[2].Confidence)
	}
	before := len(files(t, e))
	_, err = e.Import(context.Background(), strings.NewReader(file), ImportOptions{ID: "e", Mapping: map[string]string{"merchant": "user_id", "amount": "price", "city": "amount", "country": "amount", "status": "is_fraud"}})
	var invalid *olorin.Error
	if !errors.As(err, &invalid) || invalid.Code != olorin.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, f := range invalid.Faults {
		got = append(got, f.Pointer+" "+f.Code)
	}
	if s := strings.Join(got, ", "); s != "/mapping/amount unknown_source, /mapping/country source_used_twice, /mapping/merchant unknown_canonical, /mapping/status label" {
		t.Errorf("faults %s", s)
	}
	if !strings.Contains(err.Error(), `did you mean "merchant_id"?`) {
		t.Errorf("no suggestion: %v", err)
	}
	if after := len(files(t, e)); after != before {
		t.Errorf("%d files before, %d after", before, after)
	}
}

// What a person said of a file holds for the next one with the same names in its header, whatever their order, and for no other.
func TestCorrectionsAreRememberedByShape(t *testing.T) {
	e := openEngine(t)
	first := importText(t, e, "jan", "kennung;a;b;is_fraud\nu1;1,5;2,5;0\n")
	said := first.Corrected(olorin.Mapping{}, map[string]string{"user_id": "kennung", "amount": "a", "balance_after": "b"}, nil, day(1))
	said = first.Corrected(said, map[string]string{"user_id": "kennung", "amount": "b"}, nil, day(2))
	want := map[string]string{"user_id": "kennung", "amount": "b", "balance_after": ""}
	if !reflect.DeepEqual(said.Columns, want) || said.Filename != "jan.csv" || said.Shape != first.Shape() {
		t.Fatalf("remembered %+v", said)
	}
	said.Columns["device_id"] = "is_fraud" // it was no label then
	for id, tc := range map[string]struct {
		text, want string
		mapping    map[string]string
		recalled   map[string]string
	}{
		"feb":      {"b;a;is_fraud;kennung\n1,5;2,5;0;u1\n", "amount,,,user_id", nil, want},
		"said":     {"b;a;is_fraud;kennung\n1,5;2,5;0;u1\n", "amount,city,,", map[string]string{"city": "a", "user_id": ""}, map[string]string{"amount": "b", "balance_after": ""}},
		"no other": {"b;a;kennung\n1,5;2,5;u1\n", ",,", nil, nil},
	} {
		d, err := e.Import(context.Background(), strings.NewReader(tc.text), ImportOptions{ID: strings.ReplaceAll(id, " ", ""), Mapping: tc.mapping, Remembered: []olorin.Mapping{said}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range d.Columns {
			got = append(got, c.Canonical)
		}
		if s := strings.Join(got, ","); s != tc.want {
			t.Errorf("%s: got %s, want %s", id, s, tc.want)
		}
		if (d.Remembered == nil) != (tc.recalled == nil) || d.Remembered != nil && !reflect.DeepEqual(d.Remembered.Columns, tc.recalled) {
			t.Errorf("%s: recalled %+v", id, d.Remembered)
		}
	}
}

func TestRemap(t *testing.T) {
	e := openEngine(t)
	ctx := context.Background()
	d := importText(t, e, "d", smallFile)
	next, err := e.Remap(ctx, d, map[string]string{"user_id": "device_id", "event_time": "timestamp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(mapped(next)); got != "map[device_id:user_id is_fraud:label timestamp:event_time]" {
		t.Errorf("mapped %s", got)
	}
	if next.Rows != d.Rows || next.SHA256 != d.SHA256 || next.ID != d.ID || next.FirstEventAt == nil || !next.FirstEventAt.Equal(d.FirstEventAt.Time) {
		t.Errorf("the data set is %+v, was %+v", next, d)
	}
	c := openCase(t, e, next, Selection{Entities: entities("user_id", "d1")})
	if c.Counts().InScope != 3 || c.Has("amount") {
		t.Errorf("counts %+v", c.Counts())
	}
	before := strings.Join(files(t, e), " ")
	if _, err := e.Remap(ctx, d, map[string]string{"user_id": "is_fraud"}, nil); olorin.CodeOf(err) != olorin.CodeInvalid {
		t.Errorf("a label was mapped: %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := e.Remap(stopped, d, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if after := strings.Join(files(t, e), " "); after != before {
		t.Errorf("files %s, before %s", after, before)
	}
	again, err := e.Remap(ctx, next, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(again.Columns) != fmt.Sprint(d.Columns) {
		t.Errorf("recognised anew: %v, want %v", again.Columns, d.Columns)
	}
	if _, err := e.Remap(ctx, olorin.Dataset{ID: "nowhere", Generation: "1"}, nil, nil); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("a data set that is not there: %v", err)
	}
}

func TestLabels(t *testing.T) {
	e := openEngine(t)
	ctx := context.Background()
	d := importText(t, e, "d", "user_id,amount,is_fraud,zz\nu1,1,0,a\nu2,2,1,\nu3,3,,b\n")
	for column, want := range map[string]string{"is_fraud": "map[1:0 2:1]", "zz": "map[1:a 3:b]"} {
		got, err := e.Labels(ctx, d, column)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v", column, got, err)
		}
	}
	if _, err := e.Labels(ctx, d, "amount"); olorin.CodeOf(err) != olorin.CodeInvalid {
		t.Errorf("a column that checks read as label: %v", err)
	}
	if _, err := e.Labels(ctx, d, "nope"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("a column that is not there: %v", err)
	}
}

func TestOutcomesAreLabels(t *testing.T) {
	for _, tc := range []struct {
		values string
		want   bool
	}{
		{"fraud legit unknown", true},
		{"Fraudulent,Not Fraudulent", true},
		{"confirmed_fraud,legit", true},
		{"chargeback ok", true},
		{"chargeback ok pending", true},
		{"legit", true},
		{"suspected-fraud,approved", true},
		{"good bad", true},
		{"approved declined", false},
		{"payment refund chargeback", false},
		{"ok failed", false},
		{"ok unknown", false},
		{"Fraudsafe Ltd,Shop", false},
		{"fraud_Rippin Kub and Mann,fraud_Heller", false},
		{"yes no", false},
	} {
		sep := " "
		if strings.Contains(tc.values, ",") {
			sep = ","
		}
		if got := profileOf(strings.Split(tc.values, sep)).outcome; got != tc.want {
			t.Errorf("%s: label %t, want %t", tc.values, got, tc.want)
		}
	}
}

// The presence and the name of a label change nothing that a check can see.
func TestLabelsChangeNothing(t *testing.T) {
	e := openEngine(t)
	rows := [][]string{{"user_id", "amount", "event_time"}, {"u1", "1", "2026-01-01"}, {"u2", "2", "2026-01-02"}, {"u2", "2", "2026-01-02"}}
	want := ""
	for i, label := range []string{"", "is_fraud", "zz_outcome", "class"} {
		file := [][]string{}
		for k, r := range rows {
			r = append([]string{}, r...)
			if label != "" && k == 0 {
				r = append(r, label)
			} else if label != "" {
				r = append(r, fmt.Sprint(k%2))
			}
			file = append(file, r)
		}
		c := openCase(t, e, importText(t, e, fmt.Sprint("d", i), write(file, ',', false)), Selection{})
		got := fmt.Sprint(table(t, c, "SELECT * FROM events ORDER BY row_key"))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %q: %s, want %s", label, got, want)
		}
	}
}
