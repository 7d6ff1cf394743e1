// What bindings may know an opened image by: of one in a registry also the other tags and digests
// of its repository that mean it, which the puller is asked for. Root.
#pragma once

#include "helper/stage/opened_image.h"
#include "keystore/policy/image_name.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {

/// The registry is asked about what some binding for the repository names, and no more: where it
/// does not say, or too much would have to be asked, the name stays possible (image_name.h), so
/// that its bindings hold. `library` as in ImageName::of(). Errors: Code::config,
/// Code::temporary.
[[nodiscard]] Result<ImageNames> names_of_opened(OpenedImage& opened, const PolicyReader& policy,
                                                 std::string_view library);

}  // namespace sifguard
