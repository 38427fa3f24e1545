// The variants of attention: latent, normalised, linear, and the cache that a decoder keeps.

#include "clearformer/attention/latent.hpp"
#include "clearformer/attention/variants.hpp"
#include "wasm/cache_functions.hpp"
#include "wasm/table.hpp"

using namespace clearformer;
using namespace clearformer::wasm;

namespace clearformer::wasm {

Handles<KvCache>& caches() {
    static Handles<KvCache> all("cache");
    return all;
}

NewCache kv_cache(const KvCacheOptions& o) { return {{caches().keep(KvCache(o))}}; }
KvCacheState cache_append(const CacheAppend& o) {
    caches().at(o.cache).append(o.k, o.v);
    return caches().at(o.cache).state();
}
KvCacheState cache_evict(const CacheEvict& o) {
    caches().at(o.cache).evict(o.count);
    return caches().at(o.cache).state();
}
KvCacheAttendResult cache_attend(const CacheAttend& o) { return caches().at(o.cache).attend(o.q, o.scale); }
KvCacheState cache_state(const CacheOnly& o) { return caches().at(o.cache).state(); }
CacheDisposed cache_dispose(const CacheDispose& o) { return {caches().drop(o.cache)}; }

}  // namespace clearformer::wasm

EMSCRIPTEN_BINDINGS(attention) {
    add<latent_attention>();
    add<qk_norm_attention>();
    add<linear_attention>();
    add<kv_cache>();
    add<cache_append>();
    add<cache_evict>();
    add<cache_attend>();
    add<cache_state>();
    add<cache_dispose>();
}
