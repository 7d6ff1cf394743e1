# The headers that nearly every source includes, parsed once for all libraries: half of what compiling an
# average file takes.
include(SifguardTargets)

target_precompile_headers(sifguard_base PRIVATE
  <algorithm> <array> <cerrno> <cstdint> <functional> <memory> <optional> <span> <string> <string_view>
  <vector> <tl/expected.hpp>)
foreach(directory keystore helper)
  sifguard_targets(${PROJECT_SOURCE_DIR}/${directory} targets)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    get_target_property(own ${target} PRECOMPILE_HEADERS)
    get_target_property(reused ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    get_target_property(options ${target} COMPILE_OPTIONS)
    # Other options would need another precompiled header.
    if(type STREQUAL "STATIC_LIBRARY" AND NOT own AND NOT reused AND NOT options)
      target_precompile_headers(${target} REUSE_FROM sifguard_base)
    endif()
  endforeach()
endforeach()
