package agents

// factor is a risk factor that payment service providers must look at, with the checks that look at it.
type factor struct {
	article, name string
	checks        []string
}

// factors are those of the regulatory technical standards on strong customer authentication, Commission Delegated Regulation (EU) 2018/389:
// what a transaction monitoring takes into account by article 2(2), and what rules an exemption out by article 18(2)(c).
var factors = []factor{
	{"2(2)(a)", "lists of compromised or stolen authentication elements", []string{"LNK-02", "NET-04", "NET-08", "VEL-08"}},
	{"2(2)(b)", "the amount of each payment", []string{"VEL-05", "PAY-02", "PAY-11", "PAY-12", "PAY-14", "PAY-18"}},
	{"2(2)(c)", "known fraud scenarios", []string{"VEL-02", "PAY-03", "PAY-04", "PAY-08", "IDN-08", "LNK-01", "LNK-03", "LNK-04", "LNK-05", "LNK-06", "LNK-09", "LNK-10", "DEV-01", "DEV-08", "PAY-17"}},
	{"2(2)(d)", "signs of malware in a session", []string{"DEV-04", "DEV-05", "DEV-06", "DEV-07", "GEO-08"}},
	{"2(2)(e)", "a log of the use of the device or software, and of unusual use", []string{"DEV-02", "DEV-03", "NET-02", "VEL-07", "VEL-13"}},
	{"18(2)(c)(i)", "abnormal spending or behavioural pattern of the payer", []string{"VEL-01", "VEL-03", "VEL-05", "VEL-06", "VEL-09", "VEL-13", "PAY-11", "PAY-14"}},
	{"18(2)(c)(ii)", "unusual information about the payer's device or software", []string{"DEV-02", "DEV-03", "DEV-04", "DEV-05", "NET-03", "NET-07"}},
	{"18(2)(c)(iii)", "malware infection in any session", []string{"DEV-04", "DEV-05", "DEV-06", "DEV-07"}},
	{"18(2)(c)(iv)", "known fraud scenario in the provision of payment services", []string{"VEL-02", "PAY-08", "IDN-08", "NET-04", "NET-08", "LNK-02"}},
	{"18(2)(c)(v)", "abnormal location of the payer", []string{"GEO-01", "GEO-02", "GEO-03", "GEO-06", "GEO-07", "GEO-08"}},
	{"18(2)(c)(vi)", "high-risk location of the payee", []string{"GEO-04", "GEO-05"}},
}

// left are checks that practice knows and that are not here, with the reason.
var left = []struct{ name, reason string }{
	{"Share of known fraud at a merchant or terminal in the days before", "It needs labels of earlier rows, and no check may read a label. A list of known bad merchants or accounts (`olorin list import`) and LNK-02 answer what can be answered without."},
	{"Risk factors of PSD2 as a check", "They are a view of the findings of other checks, below."},
	{"Tor", "No column of the schema tells it; an address that a list of VPNs names (`olorin list import`) is found by NET-07."},
	{"Accounts of a whole network, whenever they signed up", "NET-06 counts sign-ups by /24 and NET-08 guessing by /24, /48 and provider; NET-01 goes by single addresses, since customers of one provider share its networks. An address that changes between IPv4 and IPv6 is no finding."},
	{"Shared addresses behind carriers (100.64.0.0/10)", "They are taken for what they are, many people, and NET-05 leaves them alone."},
	{"The look of an e-mail address: length, share of digits, entropy", "Too many honest people have such addresses. IDN-05 finds series of them."},
	{"Distance of addresses within one country", "GEO-05 knows countries only; the schema has no coordinates of a shipping address."},
	{"Money that changes its currency on the way", "There are no rates: amounts of two currencies are neither added nor compared."},
}
