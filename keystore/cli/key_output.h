// How `sifctl key` shows a key. Runs with the rights of the admin.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "keystore/cli/session.h"

namespace sifguard {

[[nodiscard]] nlohmann::ordered_json key_to_json(const KeyRecord& key);
/// All of a key as fields, or as one JSON object with --json.
void show_key(const Session& session, const KeyRecord& key);

}  // namespace sifguard
