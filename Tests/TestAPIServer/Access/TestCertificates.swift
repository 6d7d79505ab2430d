/// Certificates and keys of the test server, made by `Tests/KubernetesAPITests/Fixtures/certificates/make.sh`; they protect nothing.
public enum TestCertificates {
  /// The authority that clients trust.
  public static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBmTCCAT+gAwIBAgIUMrIsUzABVn+MUynb3zVfeMmx5rswCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOdGVzdC1hdXRob3JpdHkwIBcNMjYxMTI5MDAxMTA2WhgPMjEy
    NjExMDUwMDExMDZaMBkxFzAVBgNVBAMMDnRlc3QtYXV0aG9yaXR5MFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEbPkwt4ci+eTbPt+nvlvIzPARSMEoJZFJGTx8UR/n
    dB/s94xLyLThbXRllJZzoEUHAvIC9RSn9t6QPBjF+b++Q6NjMGEwHQYDVR0OBBYE
    FBgkHHS1sQmY/VwhC0yl7x/d/kgKMB8GA1UdIwQYMBaAFBgkHHS1sQmY/VwhC0yl
    7x/d/kgKMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
    BAMCA0gAMEUCIQD8E9PwVc5QYA0rYssxcFnAUpSjp19ItDuafrVIb6QFOAIgZAR5
    CzFHjKBaCPyvrvgVsim6gqs50VN9+1c8HxnKe9A=
    -----END CERTIFICATE-----
    """

  /// What the server shows.
  public static let server = """
    -----BEGIN CERTIFICATE-----
    MIIBwTCCAWagAwIBAgIUfSkFBnagVGaM4hDjrYUeiBEOMZkwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOdGVzdC1hdXRob3JpdHkwIBcNMjYxMTI5MDAxMTA2WhgPMjEy
    NjExMDUwMDExMDZaMBkxFzAVBgNVBAMMDmt1YmUtYXBpc2VydmVyMFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEFANMgG+rk745MV0hMctHflA16sQ8hXBinsvfDFms
    BmVFqrzYm5hnhiVJhIrNWvrXmNOebkDxkj2/V4iHrn+9FKOBiTCBhjBEBgNVHREE
    PTA7gglsb2NhbGhvc3SCFmt1YmVybmV0ZXMuZGVmYXVsdC5zdmOHBH8AAAGHEAAA
    AAAAAAAAAAAAAAAAAAEwHQYDVR0OBBYEFCCG5tp6lm+i1b7rt9aPd8JmG4fqMB8G
    A1UdIwQYMBaAFBgkHHS1sQmY/VwhC0yl7x/d/kgKMAoGCCqGSM49BAMCA0kAMEYC
    IQDhHI+y1dDD6rizdrmQcMk+5UFQXYlRKErmiJdmDn71sAIhAJNOBLYB+0Bd2EbH
    0Q4tn3onj8IacZP/qeXkk2Xbd+lF
    -----END CERTIFICATE-----
    """

  /// The key to that.
  public static let serverKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZA2W3YZFeNcuWsDn
    Bt7WQhUL1yd1Cxchtb0Wl4IBpDChRANCAAQUA0yAb6uTvjkxXSExy0d+UDXqxDyF
    cGKey98MWawGZUWqvNibmGeGJUmEis1a+teY055uQPGSPb9XiIeuf70U
    -----END PRIVATE KEY-----
    """

  /// What a client may show.
  public static let client = """
    -----BEGIN CERTIFICATE-----
    MIIBpTCCAUygAwIBAgIUYEA/lQJ43EedEPS63mb4uRP7wCAwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOdGVzdC1hdXRob3JpdHkwIBcNMjYxMTI5MDAxMTA3WhgPMjEy
    NjExMDUwMDExMDdaMDIxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMRcwFQYDVQQD
    DA5zdGVlci1vcGVyYXRvcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABP8ZBy6O
    oTJT9a2v+kUxpV/RMy/QR8im2viilTWQuyHNk74gdBkJrlkBoM3vU957mzsuMTwe
    oJUySbLlvEc6FSejVzBVMBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBR0
    zL/TVSjF+XotHjwajQH3fv73mDAfBgNVHSMEGDAWgBQYJBx0tbEJmP1cIQtMpe8f
    3f5ICjAKBggqhkjOPQQDAgNHADBEAiA2sUNItdEDBKbM5c9sk9LszZOvFvykiMwB
    x7VRiSAaTAIgeYHKzpDzw1XK7UE/0tCBDDIGhLek2rS5n0Rlq/zBiRc=
    -----END CERTIFICATE-----
    """

  /// The key to that.
  public static let clientKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJgtLqpmsP+Dxa9Xy
    UZnkXY3vyI4PXPQL1PRO46YgzBChRANCAAT/GQcujqEyU/Wtr/pFMaVf0TMv0EfI
    ptr4opU1kLshzZO+IHQZCa5ZAaDN71Pee5s7LjE8HqCVMkmy5bxHOhUn
    -----END PRIVATE KEY-----
    """

  /// An authority that signed none of them.
  public static let otherAuthority = """
    -----BEGIN CERTIFICATE-----
    MIIBjDCCATGgAwIBAgIUf1zz0mHcgmoNY/tPx7DfOlWjU6kwCgYIKoZIzj0EAwIw
    GjEYMBYGA1UEAwwPb3RoZXItYXV0aG9yaXR5MCAXDTI2MTEyOTAwMTEwN1oYDzIx
    MjYxMTA1MDAxMTA3WjAaMRgwFgYDVQQDDA9vdGhlci1hdXRob3JpdHkwWTATBgcq
    hkjOPQIBBggqhkjOPQMBBwNCAAToWLCMfYvYSavCxSVM1fTxmVHR+1PcI20ZHUXc
    nLHe+WJY1dTQZ0dHv5QefOX+L3AyjaqhK3GZ6lmprKlUp09io1MwUTAdBgNVHQ4E
    FgQUSTUTyEyY3bOZLqA5tRHO/n+H6kwwHwYDVR0jBBgwFoAUSTUTyEyY3bOZLqA5
    tRHO/n+H6kwwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzqk6
    NTX0H3I9QI8KOzfWM5Jn45Ki2AgOqTelqkuhGMECIQC9qb0K6pB50VIyQWNBExNG
    TkGJF2Emk9Fk5PoozNvXXA==
    -----END CERTIFICATE-----
    """
}
