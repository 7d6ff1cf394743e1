// Public keys and the fingerprints that OpenSSH's own ssh-keygen prints for them. Tests only.
#pragma once

#include <string>

namespace sifguard::test {

struct KnownKey {
  const char* pem;
  const char* fingerprint;
};

/// Its x coordinate begins with a zero byte.
inline const KnownKey kP256 = {
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEACdHRL2q9i5bgN3XsBigFFakcLPY\n"
    "dj3C5cUXem5+1SMb2Fkehsv91+ajpwIha7bZ1cEOmH/ud/e3DxJ4AWBJbA==\n"
    "-----END PUBLIC KEY-----\n",
    "SHA256:ovoItl8sUPP2Z/pRfiDRqUxosI07E3gdG6YzRJvactM"};
inline const KnownKey kP384 = {
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEjpOmk++MHwXEdeGDmAVpcEsXoZFwVMxR\n"
    "vqX67JoEinU1Frm9JEls1urS+38wwKa3Mx4XVu+7UEZss4ymVJ7P3CDtC8p9tl1p\n"
    "ZppOIJRMWjfWIWgSKqWRyzbDZZ2yaH0/\n"
    "-----END PUBLIC KEY-----\n",
    "SHA256:PeVef7lkjS1ZtbNs/H3g4Hkd4EFKPLsa4GjJ1carsRE"};
inline const KnownKey kP521 = {
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQA1LLjuVsDlPb/yNbBav8pOe0I0m6n\n"
    "jw8fjY3ZwYVPM/EMaS9TJIzqYlXr7kfAgkQjO2cUmGBOLuIajJ74peEnnuQBdKTK\n"
    "Ka+grEZS7LWAiu56DEPdx9SMLJBq9ojVf18PEZMHUcRNP0zmBipo4uXbRXw3oZuK\n"
    "ahY6dzawigxND5qPnWQ=\n"
    "-----END PUBLIC KEY-----\n",
    "SHA256:h9N9LZk78f3Agcoz9K4q5vyk7bPRoUKBu/WsLkMDx4M"};
/// 2048 bits, exponent 3.
inline const KnownKey kRsa = {
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAsgKNPPBRghQvNAAnOHfU\n"
    "VM2XNp3Du82oWVebuF7G04cCBFAadph0enEmxAxAy6t0d7cTjQmPj0lLis96/dBO\n"
    "iKpkaZ+ce75fTUMjjigdwbyQl3O3LFy/yIPS7pBwZ37vta62FM1z948EWc60eagy\n"
    "hSX2TuuBqvXpTE2UMEcWSyakWLZfXIs6GkM5p0VEKBwMwQW9BP2R8J9XbJkrcaKD\n"
    "aH7RKDWOcXXWmdu2Y+m6onV02m1/lPSw922HISpdPrRj38xVzvWRfeLBE0O8AgxU\n"
    "4I1/iRxMrOlxYK0cLIBxFe0bHeDPgmSPb8APP2Pv5rOrhqzgmjfn1cSUysGovuS0\n"
    "5wIBAw==\n"
    "-----END PUBLIC KEY-----\n",
    "SHA256:CbjXzUu8Lg+lZbM0RvUyO0XMbOH+dw4POcAsf+Nv3Lg"};
inline const KnownKey kEd25519 = {
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA28EZCGG3WxVVCs83glvPCNX5OXnDnZtWiLhdNzF+2oU=\n"
    "-----END PUBLIC KEY-----\n",
    "SHA256:lJGL3iVd9JxI/R/vvrKJ85mt3xDesZk3GvZ/2gcfZlw"};

}  // namespace sifguard::test
