"""Asks a server questions with dnspython, over UDP and over TCP, and prints the answers as dig does.

Usage: ask.py ADDRESS PORT NAME TYPE [NAME TYPE]...
"""

import sys

import dns.flags
import dns.message
import dns.query
import dns.rcode

address, port, *words = sys.argv[1:]
for over_tcp in (False, True):
    for name, rdtype in zip(words[::2], words[1::2]):
        query = dns.message.make_query(name, rdtype, use_edns=0, payload=1232, flags=0)
        options = {"port": int(port), "timeout": 20, "ignore_trailing": False, "one_rr_per_rrset": True}
        if over_tcp:
            answer = dns.query.tcp(query, address, **options)
        else:
            answer, _ = dns.query.udp_with_fallback(query, address, **options)
        print(f";; ->>HEADER<<- opcode: QUERY, status: {dns.rcode.to_text(answer.rcode())}, id: {answer.id}")
        for title, section in (
            ("ANSWER", answer.answer),
            ("AUTHORITY", answer.authority),
            ("ADDITIONAL", answer.additional),
        ):
            print(f";; {title} SECTION:")
            for rrset in section:
                for rdata in rrset:
                    print(rrset.name, rrset.ttl, "CLASS1", f"TYPE{int(rdata.rdtype)}", rdata.to_generic().to_text())
