/* Forecasts come and go. */
#include "campaign/forecast.h"

#include <stdlib.h>

double dd_forecast_price(const struct dd_forecast *f)
{
	const struct dd_campaign *c = f->campaign;
	double pulse = c->price_pulse_s > 0 ? c->price_pulse_s : 60;
	return (double)f->charged * c->price_call +
	        (double)f->pulses * pulse / 60 * c->price_minute +
	        (double)(f->sms + f->sms_unanswered) * c->price_sms;
}

void dd_forecast_free(struct dd_forecast *f)
{
	if (!f)
		return;
	free(f->drop_step);
	free(f->menus);
	free(f->hours);
	free(f);
}
