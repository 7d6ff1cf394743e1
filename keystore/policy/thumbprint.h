// How configurations name the certificate that an image is encrypted for. Pure.
#pragma once

#include <string>

#include "keystore/policy/yaml_view.h"

namespace sifguard {

/// `{sha1_thumbprint: …}` as 40 lower-case digits; blanks, colons and the like in it
/// (base/pasted.h) are ignored. Errors: Code::config, with file and line.
[[nodiscard]] Result<std::string> read_thumbprint(const YamlView& certificate);

}  // namespace sifguard
