// Whose turn it is to try a PIN at a token. Runs in sifguard-token.
//
// What a token warns of is looked at before a PIN is tried: of two processes that try the PINs of
// two files at once, the second is to see what became of the first. The turn is a lock,
// sifguard-token-SERIAL.lock in the directory of the user's that nobody else writes: /run for root,
// /run/user/UID for others. Where there is none, or the token is asked from several hosts, each of
// those has a try.
#pragma once

#include <p11-kit/pkcs11.h>

#include <string>

#include "keystore/base/fd.h"

namespace sifguard {

/// The token's serial number in hexadecimal digits, for names of files.
[[nodiscard]] std::string serial_of(const CK_TOKEN_INFO& token);

/// Waits for it; it ends with the descriptor. None where there is no such directory.
[[nodiscard]] UniqueFd wait_for_turn(const CK_TOKEN_INFO& token);

}  // namespace sifguard
