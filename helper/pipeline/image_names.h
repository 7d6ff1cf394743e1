// The names by which bindings may know an opened image. For an image in a registry these include
// the other tags and digests of its repository that mean the same image; the puller is asked for
// them. Root.
#pragma once

#include "helper/stage/opened_image.h"
#include "keystore/policy/image_name.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {

/// The registry is asked only about names that a binding for the repository uses. If it does not
/// say, or too much would have to be asked, the name stays possible (image_name.h), so that its
/// bindings apply. `library` as in ImageName::of(). Errors: Code::config, Code::temporary.
[[nodiscard]] Result<ImageNames> names_of_opened(OpenedImage& opened, const PolicyReader& policy,
                                                 std::string_view library);

}  // namespace sifguard
