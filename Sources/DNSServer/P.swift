enum DNSServerPlaceholder {}
