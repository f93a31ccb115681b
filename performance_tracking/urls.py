from common.api.routers import ModuleRouter
from performance_tracking.views import (
    AccountViewSet,
    OrderPatternsViewSet,
    OrderRhythmViewSet,
    PerformingAccountsViewSet,
    SummaryViewSet,
    TrendsViewSet,
    UnderperformingAccountsViewSet,
)

router = ModuleRouter()
router.register("performing-accounts", PerformingAccountsViewSet, basename="performing-account")
router.register("underperforming-accounts", UnderperformingAccountsViewSet, basename="underperforming-account")
router.register("order-patterns", OrderPatternsViewSet, basename="order-pattern")
router.register("rhythm", OrderRhythmViewSet, basename="order-rhythm")
router.register("accounts", AccountViewSet, basename="account")
router.register("summary", SummaryViewSet, basename="summary")
router.register("trends", TrendsViewSet, basename="trend")

urlpatterns = router.urls_with_index()
